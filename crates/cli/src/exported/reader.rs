use std::io::{self, Read};

use holdfast_core::{
    engine::{MAX_RECORD_BYTES, Owner},
    key::Key,
    record,
    time::Timestamp,
};

use super::{CHECKSUM, END, FRAME, Frame, HEADER, Header, VERSION, checksum, u32_at, u64_at};

/// Why a file is no export, or no whole one.
#[derive(Debug, thiserror::Error)]
pub enum Bad {
    /// It can't be read.
    #[error("reading it failed: {0}")]
    Io(#[from] io::Error),
    /// Something else.
    #[error("it is no export of holdfast")]
    Foreign,
    /// Of another version of the format.
    #[error("it has version {0} of the format, and this command reads version {VERSION} only")]
    Version(u32),
    /// With records that this version can't use.
    #[error("its records have format {found}, and this version of Holdfast reads format {known} only", known = record::FORMAT)]
    Records {
        /// The format that they have.
        found: u8,
    },
    /// It ends too early.
    #[error("it is cut off at byte {offset}")]
    Cut {
        /// Where what is not whole begins.
        offset: u64,
    },
    /// It has other bytes than were written.
    #[error("it is damaged at byte {offset}: {what}")]
    Damaged {
        /// Where what is not good begins.
        offset: u64,
        /// What is wrong there.
        what: &'static str,
    },
}

/// What follows in an export.
#[derive(Debug)]
pub enum Next<'r> {
    /// A record.
    Frame(Frame<'r>),
    /// Nothing: the export is whole.
    End,
}

/// Reads an export, frame after frame. It trusts no length before the bytes are there.
pub struct Reader<R> {
    input: R,
    /// Where what was read last ends.
    offset: u64,
    frames: u64,
    buffer: Vec<u8>,
}

impl<R: Read> Reader<R> {
    /// Reads the header.
    pub fn open(mut input: R) -> Result<(Self, Header), Bad> {
        let mut header = Vec::with_capacity(HEADER);
        input.by_ref().take(HEADER as u64).read_to_end(&mut header)?;
        let Ok(bytes) = <&[u8; HEADER]>::try_from(header.as_slice()) else {
            let known = header.len().min(super::MAGIC.len());
            let is_ours = known > 0 && header[..known] == super::MAGIC[..known];
            return Err(if is_ours { Bad::Cut { offset: 0 } } else { Bad::Foreign });
        };
        let header = Header::parse(bytes)?;
        Ok((Self { input, offset: HEADER as u64, frames: 0, buffer: Vec::new() }, header))
    }

    /// The next frame. After an error there is none.
    pub fn next(&mut self) -> Result<Next<'_>, Bad> {
        let offset = self.offset;
        self.buffer.clear();
        self.fill(END)?;
        let length = u32_at(&self.buffer, 0) as usize;
        if length == 0 {
            self.check(offset, END)?;
            if u64_at(&self.buffer, 8) != self.frames {
                return Err(Bad::Damaged { offset, what: "it has another number of records than it says" });
            }
            if self.input.read(&mut [0])? > 0 {
                return Err(Bad::Damaged { offset: offset + END as u64, what: "bytes follow its end" });
            }
            return Ok(Next::End);
        }
        if length > MAX_RECORD_BYTES {
            return Err(Bad::Damaged { offset, what: "a record is longer than any" });
        }
        let whole = FRAME + length + CHECKSUM;
        self.fill(whole - END)?;
        self.check(offset, whole)?;
        let mut key = [0; 32];
        key.copy_from_slice(&self.buffer[24..FRAME]);
        self.offset += whole as u64;
        self.frames += 1;
        Ok(Next::Frame(Frame {
            key: Key::from_bytes(key),
            owner: Owner(u64_at(&self.buffer, 8)),
            ends: Timestamp::from_millis(u64_at(&self.buffer, 16)),
            record: &self.buffer[FRAME..FRAME + length],
        }))
    }

    fn fill(&mut self, count: usize) -> Result<(), Bad> {
        let read = self.input.by_ref().take(count as u64).read_to_end(&mut self.buffer)?;
        if read < count { Err(Bad::Cut { offset: self.offset }) } else { Ok(()) }
    }

    fn check(&self, offset: u64, whole: usize) -> Result<(), Bad> {
        let (bytes, sum) = self.buffer[..whole].split_at(whole - CHECKSUM);
        let is_good = checksum(offset, bytes) == sum && u32_at(bytes, 4) == 0;
        if is_good { Ok(()) } else { Err(Bad::Damaged { offset, what: "a checksum is wrong" }) }
    }

    /// How many frames were read.
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// Where the last whole frame ends.
    pub const fn offset(&self) -> u64 {
        self.offset
    }
}

#[cfg(test)]
mod tests {
    use holdfast_core::secret::Secret;

    use super::*;
    use crate::exported::Writer;

    fn header() -> Header {
        Header { begun: Timestamp::from_millis(1000), secret: Secret::from_bytes([7; 32]) }
    }

    fn frame(record: &[u8]) -> Frame<'_> {
        Frame { key: Key::from_bytes([9; 32]), owner: Owner(5), ends: Timestamp::from_millis(2000), record }
    }

    fn export() -> Vec<u8> {
        let mut writer = Writer::begin(Vec::new(), &header()).unwrap();
        for record in [&b"one"[..], b"a longer one"] {
            writer.frame(&frame(record)).unwrap();
        }
        writer.end(Timestamp::from_millis(3000)).unwrap();
        assert_eq!(writer.frames(), 2);
        writer.into_inner().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Bad> {
        let (mut reader, header) = Reader::open(bytes)?;
        assert_eq!(header.secret.as_bytes(), &[7; 32]);
        let mut records = Vec::new();
        loop {
            match reader.next()? {
                Next::End => return Ok(records),
                Next::Frame(frame) => {
                    assert_eq!((frame.owner, frame.ends.as_millis()), (Owner(5), 2000));
                    records.push(frame.record.to_vec());
                }
            }
        }
    }

    #[test]
    fn an_export_comes_back() {
        assert_eq!(read(&export()).unwrap(), [b"one".to_vec(), b"a longer one".to_vec()]);
    }

    #[test]
    fn the_format_by_example() {
        let bytes = export();
        assert_eq!(bytes.len(), 72 + (64 + 3) + (64 + 12) + 32);
        assert_eq!(&bytes[..24], b"holdfast export\n\x01\0\0\0\x03\0\0\0");
        assert_eq!(&bytes[24..32], &1000_u64.to_le_bytes());
        assert_eq!(bytes[32..64], [7; 32]);
        assert_eq!(&bytes[72..96], b"\x03\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0\xd0\x07\0\0\0\0\0\0");
        assert_eq!(bytes[96..128], [9; 32]);
        assert_eq!(&bytes[128..131], b"one");
        assert_eq!(&bytes[215..239], b"\0\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\xb8\x0b\0\0\0\0\0\0");
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_noticed() {
        let good = export();
        for cut in 0..good.len() {
            let error = read(&good[..cut]).unwrap_err();
            assert!(matches!(error, Bad::Cut { .. } | Bad::Foreign), "{cut}: {error}");
        }
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 0x40;
            assert!(read(&bytes).is_err(), "byte {at}");
        }
        assert!(matches!(read(&[&good[..], b"x"].concat()), Err(Bad::Damaged { .. })));
        // Two frames of one length, changed over.
        let mut writer = Writer::begin(Vec::new(), &header()).unwrap();
        for record in [b"one", b"two"] {
            writer.frame(&frame(record)).unwrap();
        }
        let mut bytes = writer.into_inner().unwrap();
        let (one, two) = bytes[72..].split_at_mut(67);
        one.swap_with_slice(two);
        assert!(matches!(read(&bytes), Err(Bad::Damaged { offset: 72, .. })));
    }
}
