//! Which node of a cluster keeps which key.

use ::redis::Value;

use super::Address;

/// Slots of every cluster.
pub(super) const SLOTS: u16 = 16384;

/// The slot of a key: that of the part in its first braces, or of all of it.
pub(super) fn slot_of(key: &[u8]) -> u16 {
    let tag = key.iter().position(|byte| *byte == b'{').and_then(|open| {
        let inner = &key[open + 1..];
        let close = inner.iter().position(|byte| *byte == b'}')?;
        (close > 0).then(|| &inner[..close])
    });
    crc16(tag.unwrap_or(key)) % SLOTS
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

/// The masters of a cluster with their slots.
#[derive(Clone, Debug, Default)]
pub(super) struct Map {
    /// First slot, last slot, master.
    ranges: Vec<(u16, u16, Address)>,
    /// What single answers said since: later than the ranges.
    moved: Vec<(u16, Address)>,
}

/// So many slots that moved are remembered; then the whole map is asked for again.
const MOST_MOVED: usize = 64;

impl Map {
    /// The answer of `asked` to CLUSTER SLOTS; `None` when it is no such answer, or knows no slot.
    pub(super) fn read(answer: Value, asked: &Address) -> Option<Self> {
        let Value::Array(ranges) = answer else { return None };
        let ranges: Option<Vec<_>> = ranges.into_iter().map(|range| read_range(range, asked)).collect();
        ranges.filter(|ranges| !ranges.is_empty()).map(|ranges| Self { ranges, moved: Vec::new() })
    }

    pub(super) fn master_of(&self, slot: u16) -> Option<&Address> {
        let moved = self.moved.iter().rev().find(|(moved, _)| *moved == slot).map(|(_, to)| to);
        moved.or_else(|| {
            let has = |(first, last, _): &&(u16, u16, Address)| (*first..=*last).contains(&slot);
            self.ranges.iter().find(has).map(|(_, _, master)| master)
        })
    }

    /// Every master once.
    pub(super) fn masters(&self) -> Vec<Address> {
        let mut masters: Vec<Address> = Vec::new();
        for (_, _, master) in &self.ranges {
            if !masters.contains(master) {
                masters.push(master.clone());
            }
        }
        masters
    }

    /// A node said that `slot` is at `to`. False when so many moved that the whole map should be asked for.
    pub(super) fn moved(&mut self, slot: u16, to: Address) -> bool {
        self.moved.retain(|(moved, _)| *moved != slot);
        self.moved.push((slot, to));
        self.moved.len() <= MOST_MOVED
    }
}

fn read_range(range: Value, asked: &Address) -> Option<(u16, u16, Address)> {
    let Value::Array(parts) = range else { return None };
    let mut parts = parts.into_iter();
    let mut slot = || match parts.next() {
        Some(Value::Int(slot)) => u16::try_from(slot).ok().filter(|slot| *slot < SLOTS),
        _ => None,
    };
    let (first, last) = (slot()?, slot()?);
    let Some(Value::Array(master)) = parts.next() else { return None };
    let mut master = master.into_iter();
    // A node that knows no address of its own means the one under which it was asked.
    let host = match master.next()? {
        Value::BulkString(host) => String::from_utf8(host).ok()?,
        Value::Nil => String::new(),
        _ => return None,
    };
    let Some(Value::Int(port)) = master.next() else { return None };
    Some((first, last, at(&host, u16::try_from(port).ok()?, asked)?))
}

fn at(host: &str, port: u16, asked: &Address) -> Option<Address> {
    let host = match (host, asked) {
        ("" | "?", Address::Tcp { host, .. }) => host.clone(),
        ("" | "?", Address::Unix(_)) => return None,
        (host, _) => host.to_owned(),
    };
    Some(Address::Tcp { host, port })
}

/// The slot and the node of "3999 127.0.0.1:6381", as in MOVED and ASK.
pub(super) fn redirection(text: &str, asked: &Address) -> Option<(u16, Address)> {
    let (slot, place) = text.split_once(' ')?;
    let (host, port) = place.rsplit_once(':')?;
    Some((slot.parse().ok().filter(|slot| *slot < SLOTS)?, at(host, port.parse().ok()?, asked)?))
}

#[cfg(test)]
mod tests {
    use ::redis::Value;

    use super::{Address, Map, redirection, slot_of};

    fn tcp(host: &str, port: u16) -> Address {
        Address::Tcp { host: host.to_owned(), port }
    }

    /// Reference values of the cluster specification, and of `CLUSTER KEYSLOT`.
    #[test]
    fn slots_are_those_that_the_servers_compute() {
        assert_eq!(super::crc16(b"123456789"), 0x31c3);
        let table: [(&[u8], u16); 6] = [
            (b"foo", 12182),
            (b"bar", 5061),
            (b"{foo}.lock", 12182),
            (b"x{foo}y{bar}", 12182),
            (b"", 0),
            (b"{}foo", 9500),
        ];
        for (key, slot) in table {
            assert_eq!(slot_of(key), slot, "{}", key.escape_ascii());
        }
    }

    #[test]
    fn a_map_names_the_master_of_each_slot() {
        let master = |host: Value, port| Value::Array(vec![host, Value::Int(port)]);
        let range = |first, last, master| Value::Array(vec![Value::Int(first), Value::Int(last), master]);
        let asked = tcp("seed", 7000);
        let answer = Value::Array(vec![
            range(0, 99, master(Value::BulkString(b"a".to_vec()), 1)),
            range(100, 16383, master(Value::Nil, 2)),
        ]);
        let mut map = Map::read(answer, &asked).unwrap();
        assert_eq!(map.masters(), [tcp("a", 1), tcp("seed", 2)]);
        assert_eq!(map.master_of(99), Some(&tcp("a", 1)));
        assert_eq!(map.master_of(100), Some(&tcp("seed", 2)));
        assert!(map.moved(99, tcp("b", 3)));
        assert_eq!(map.master_of(99), Some(&tcp("b", 3)));
        assert!(Map::read(Value::Array(vec![]), &asked).is_none());
        assert!(Map::read(Value::Okay, &asked).is_none());
        assert!(Map::read(Value::Array(vec![range(0, 16384, master(Value::Nil, 1))]), &asked).is_none());
    }

    #[test]
    fn redirections_are_read() {
        let asked = tcp("seed", 7000);
        assert_eq!(redirection("3999 127.0.0.1:6381", &asked), Some((3999, tcp("127.0.0.1", 6381))));
        assert_eq!(redirection("3999 ::1:6381", &asked), Some((3999, tcp("::1", 6381))));
        assert_eq!(redirection("3999 :6381", &asked), Some((3999, tcp("seed", 6381))));
        for text in ["", "3999", "x 127.0.0.1:1", "16384 127.0.0.1:1", "1 127.0.0.1", "1 127.0.0.1:70000"] {
            assert_eq!(redirection(text, &asked), None, "{text}");
        }
    }
}
