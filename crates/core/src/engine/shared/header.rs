//! The header: what a file is, and what follows from nothing else in it. It stands twice, one copy to a page, each with
//! a checksum; it is written through the file, never through the mapping.

use std::{fs::File, io, num::NonZeroU64, os::unix::fs::FileExt};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::layout::{self, Geometry, HEADERS, REGISTRY_SLOTS};
use crate::secret::Secret;

const MAGIC: [u8; 8] = *b"HOLDFAST";
/// Stands at byte 0 while the file is built. Whoever finds it under the opening lock builds anew.
const BUILDING: [u8; 8] = *b"HFBUILDS";
const BYTE_ORDER: u32 = 0x0102_0304;
const BYTES: usize = 192;
const SEALED: usize = BYTES - 8;
const CHECKSUM_SEED: u64 = 0x686f_6c64_6661_7374;

/// What the header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Counts the writings; of two good copies the greater one holds.
    pub(super) generation: u64,
    pub(super) size: u64,
    /// Chooses shard and line of a key, so that nobody can choose keys that meet in one line.
    pub(super) hash_seed: u64,
    pub(super) secret: Secret,
    pub(super) boot_id: [u8; 40],
    /// Milliseconds from the boot's begin to the store's clock.
    pub(super) clock_offset: u64,
    pub(super) device: u64,
    pub(super) inode: u64,
    /// The state in which the last user left the file; `None` if nobody noted it. See [`super::seal`].
    pub(super) seal: Option<NonZeroU64>,
}

/// What a file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Empty, or left by an initialiser that died.
    Nothing,
    /// A store of this format; `both` copies are good.
    Store { header: Header, both: bool },
    /// A store of another format.
    OtherFormat(u32),
    /// A store whose two copies are damaged, or that is shorter than it says.
    Damaged(String),
    /// Nothing that this engine ever wrote.
    Foreign,
}

enum Copy {
    Good(Header),
    OtherFormat(u32),
    Damaged(&'static str),
    NoMagic,
}

/// Looks at a file; the caller holds its opening lock.
pub(super) fn inspect(file: &File, length: u64) -> io::Result<Found> {
    if length == 0 {
        return Ok(Found::Nothing);
    }
    let mut copies = Vec::with_capacity(HEADERS.len());
    for (number, &offset) in HEADERS.iter().enumerate() {
        let mut bytes = [0; BYTES];
        let read = read_up_to(file, &mut bytes, offset)?;
        if number == 0 && read >= BUILDING.len() && bytes.starts_with(&BUILDING) {
            return Ok(Found::Nothing);
        }
        copies.push(if read < BYTES { short(&bytes[..read]) } else { decode(&bytes) });
    }
    let good = copies.iter().filter(|copy| matches!(copy, Copy::Good(_))).count();
    let newest = copies
        .iter()
        .filter_map(|copy| match copy {
            Copy::Good(header) => Some(header),
            _ => None,
        })
        .max_by_key(|header| header.generation);
    if let Some(header) = newest {
        if length < header.size {
            let reason = format!("it has {length} bytes and its header says {}", header.size);
            return Ok(Found::Damaged(reason));
        }
        return Ok(Found::Store { header: header.clone(), both: good == HEADERS.len() });
    }
    Ok(match (&copies[0], &copies[1]) {
        (Copy::NoMagic, Copy::NoMagic) => Found::Foreign,
        (Copy::OtherFormat(one), Copy::OtherFormat(two)) if one == two => Found::OtherFormat(*one),
        (Copy::OtherFormat(format), Copy::NoMagic) | (Copy::NoMagic, Copy::OtherFormat(format)) => {
            Found::OtherFormat(*format)
        }
        (Copy::Damaged(reason), _) | (_, Copy::Damaged(reason)) => {
            Found::Damaged(format!("both copies of its header are damaged: {reason}"))
        }
        _ => Found::Damaged("both copies of its header are damaged: they name different formats".into()),
    })
}

fn short(bytes: &[u8]) -> Copy {
    if bytes.starts_with(&MAGIC) { Copy::Damaged("cut off") } else { Copy::NoMagic }
}

fn read_up_to(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while read < bytes.len() {
        match file.read_at(&mut bytes[read..], offset + read as u64) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// Notes that the file is being built, before it has any size.
pub(super) fn write_building(file: &File) -> io::Result<()> {
    file.write_all_at(&BUILDING, 0)
}

/// Writes both copies, first the one that is not the newer one already, so that a good one stands at any moment.
pub(super) fn write(file: &File, header: &Header) -> io::Result<()> {
    let bytes = encode(header);
    let second_first = header.generation % 2 == 1;
    for copy in if second_first { [1, 0] } else { [0, 1] } {
        file.write_all_at(&bytes, HEADERS[copy])?;
    }
    Ok(())
}

struct Writer {
    bytes: [u8; BYTES],
    at: usize,
}

impl Writer {
    fn put(&mut self, field: &[u8]) {
        self.bytes[self.at..self.at + field.len()].copy_from_slice(field);
        self.at += field.len();
    }
}

fn encode(header: &Header) -> [u8; BYTES] {
    let mut to = Writer { bytes: [0; BYTES], at: 0 };
    to.put(&MAGIC);
    to.put(&layout::format().to_le_bytes());
    to.put(&BYTE_ORDER.to_le_bytes());
    to.put(&header.generation.to_le_bytes());
    to.put(&header.size.to_le_bytes());
    let (shards, lines, pages) = Geometry::for_size(header.size)
        .map_or((0, 0, 0), |geometry| (geometry.shards, geometry.lines_per_shard, geometry.pages));
    to.put(&shards.to_le_bytes());
    to.put(&lines.to_le_bytes());
    to.put(&pages.to_le_bytes());
    to.put(&REGISTRY_SLOTS.to_le_bytes());
    to.put(&header.hash_seed.to_le_bytes());
    to.put(header.secret.as_bytes());
    to.put(&header.boot_id);
    to.put(&header.clock_offset.to_le_bytes());
    to.put(&header.device.to_le_bytes());
    to.put(&header.inode.to_le_bytes());
    to.put(&header.seal.map_or(0, NonZeroU64::get).to_le_bytes());
    to.at = SEALED;
    let checksum = xxh3_64_with_seed(&to.bytes[..SEALED], CHECKSUM_SEED);
    to.put(&checksum.to_le_bytes());
    to.bytes
}

struct Reader<'a>(&'a [u8; BYTES], usize);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut field = [0; N];
        field.copy_from_slice(&self.0[self.1..self.1 + N]);
        self.1 += N;
        field
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }
}

fn decode(bytes: &[u8; BYTES]) -> Copy {
    let mut from = Reader(bytes, 0);
    if from.take() != MAGIC {
        return Copy::NoMagic;
    }
    let format = from.u32();
    let sealed = Reader(bytes, SEALED).u64() == xxh3_64_with_seed(&bytes[..SEALED], CHECKSUM_SEED);
    if format != layout::format() {
        return Copy::OtherFormat(format);
    }
    if !sealed {
        return Copy::Damaged("the checksum does not match");
    }
    if from.u32() != BYTE_ORDER {
        return Copy::Damaged("the byte order is another one");
    }
    let generation = from.u64();
    let size = from.u64();
    let sections = (from.u32(), from.u32(), from.u32());
    let registry_slots = from.u32();
    let header = Header {
        generation,
        size,
        hash_seed: from.u64(),
        secret: Secret::from_bytes(from.take()),
        boot_id: from.take(),
        clock_offset: from.u64(),
        device: from.u64(),
        inode: from.u64(),
        seal: NonZeroU64::new(from.u64()),
    };
    let expected = Geometry::for_size(size).map(|g| (g.shards, g.lines_per_shard, g.pages));
    if expected != Some(sections) || registry_slots != REGISTRY_SLOTS {
        return Copy::Damaged("its sections do not follow from its size");
    }
    Copy::Good(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(generation: u64) -> Header {
        Header {
            generation,
            size: 1 << 20,
            hash_seed: 7,
            secret: Secret::from_bytes([9; 32]),
            boot_id: [1; 40],
            clock_offset: 5,
            device: 6,
            inode: 8,
            seal: NonZeroU64::new(9),
        }
    }

    fn file(header: &Header) -> File {
        let file = tempfile::tempfile().unwrap();
        file.set_len(1 << 20).unwrap();
        write(&file, header).unwrap();
        file
    }

    fn found(file: &File) -> Found {
        inspect(file, file.metadata().unwrap().len()).unwrap()
    }

    #[test]
    fn r13_what_was_written_is_read() {
        assert_eq!(found(&file(&header(3))), Found::Store { header: header(3), both: true });
    }

    #[test]
    fn r13_any_flipped_byte_of_one_copy_leaves_the_other() {
        for &copy in &HEADERS {
            for byte in 0..BYTES as u64 {
                let file = file(&header(4));
                let mut one = [0];
                file.read_exact_at(&mut one, copy + byte).unwrap();
                file.write_all_at(&[one[0] ^ 0x5a], copy + byte).unwrap();
                assert_eq!(found(&file), Found::Store { header: header(4), both: false }, "byte {byte}");
            }
        }
    }

    #[test]
    fn r13_damage_is_told_from_what_is_foreign_and_from_other_formats() {
        let damaged = file(&header(1));
        for &copy in &HEADERS {
            damaged.write_all_at(&[0xff], copy + 50).unwrap();
        }
        assert!(matches!(found(&damaged), Found::Damaged(_)));

        let other = file(&header(1));
        for &copy in &HEADERS {
            other.write_all_at(&(layout::format() + 1).to_le_bytes(), copy + 8).unwrap();
        }
        assert_eq!(found(&other), Found::OtherFormat(layout::format() + 1));

        let foreign = tempfile::tempfile().unwrap();
        foreign.write_all_at(b"SQLite format 3", 0).unwrap();
        assert_eq!(found(&foreign), Found::Foreign);
        assert_eq!(found(&tempfile::tempfile().unwrap()), Found::Nothing);

        let half_built = tempfile::tempfile().unwrap();
        write_building(&half_built).unwrap();
        assert_eq!(found(&half_built), Found::Nothing);

        let cut = file(&header(1));
        cut.set_len(1 << 19).unwrap();
        assert!(matches!(found(&cut), Found::Damaged(_)));
    }
}
