use std::io::{self, Write};

use holdfast_core::time::Timestamp;

use super::{END, FRAME, Frame, HEADER, Header, checksum};

/// Writes an export, frame after frame.
pub struct Writer<W> {
    out: W,
    /// Where in the file the next frame begins.
    offset: u64,
    frames: u64,
    buffer: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins with the header.
    pub fn begin(mut out: W, header: &Header) -> io::Result<Self> {
        out.write_all(&header.bytes())?;
        Ok(Self::resume(out, HEADER as u64, 0))
    }

    /// Goes on behind `frames` frames, which end at `offset`: there `out` stands.
    pub const fn resume(out: W, offset: u64, frames: u64) -> Self {
        Self { out, offset, frames, buffer: Vec::new() }
    }

    /// A frame. A record has less than 4 GiB, as every engine sees to.
    pub fn frame(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let length = u32::try_from(frame.record.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        let buffer = &mut self.buffer;
        buffer.clear();
        buffer.reserve(FRAME + frame.record.len() + 8);
        buffer.extend_from_slice(&length.to_le_bytes());
        buffer.extend_from_slice(&[0; 4]);
        buffer.extend_from_slice(&frame.owner.0.to_le_bytes());
        buffer.extend_from_slice(&frame.ends.as_millis().to_le_bytes());
        buffer.extend_from_slice(frame.key.as_bytes());
        buffer.extend_from_slice(frame.record);
        self.put()?;
        self.frames += 1;
        Ok(())
    }

    /// The mark at the end.
    pub fn end(&mut self, now: Timestamp) -> io::Result<()> {
        self.buffer.clear();
        self.buffer.extend_from_slice(&[0; 8]);
        self.buffer.extend_from_slice(&self.frames.to_le_bytes());
        self.buffer.extend_from_slice(&now.as_millis().to_le_bytes());
        debug_assert_eq!(self.buffer.len() + 8, END);
        self.put()
    }

    fn put(&mut self) -> io::Result<()> {
        let checksum = checksum(self.offset, &self.buffer);
        self.buffer.extend_from_slice(&checksum);
        self.out.write_all(&self.buffer)?;
        self.offset += self.buffer.len() as u64;
        Ok(())
    }

    /// How many frames there are.
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// How many bytes there are.
    pub const fn bytes(&self) -> u64 {
        self.offset
    }

    /// What was written to, with everything written.
    pub fn into_inner(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }
}
