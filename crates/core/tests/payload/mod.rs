//! Records that tell by themselves whether they are whole: length, value, a body in which each word depends on the
//! value and on its place, and an end mark.

/// The smallest payload: length, value and end mark.
pub const LEAST: usize = 10;

const END: usize = 2;
const HEAD: usize = 8;

/// The payload of `len` bytes (at least [`LEAST`]) that carries `value`.
pub fn of(value: u32, len: usize) -> Vec<u8> {
    assert!(len >= LEAST, "a payload has at least {LEAST} bytes");
    let mut bytes = Vec::with_capacity(len + 8);
    bytes.extend_from_slice(&u32::try_from(len).unwrap().to_le_bytes());
    bytes.extend_from_slice(&value.to_le_bytes());
    for place in 0.. {
        if bytes.len() >= len - END {
            break;
        }
        bytes.extend_from_slice(&word(value, place).to_le_bytes());
    }
    bytes.truncate(len - END);
    bytes.extend_from_slice(&end_mark(value));
    bytes
}

/// The value that `bytes` carry, or what is wrong with them.
pub fn value_in(bytes: &[u8]) -> Result<u32, String> {
    if bytes.len() < LEAST {
        return Err(format!("{} bytes are no payload", bytes.len()));
    }
    let len = u32::from_le_bytes(bytes[..4].try_into().unwrap());
    let value = u32::from_le_bytes(bytes[4..HEAD].try_into().unwrap());
    if len as usize != bytes.len() {
        return Err(format!("value {value:#x}: written with {len} bytes, found with {}", bytes.len()));
    }
    let (body, end) = bytes[HEAD..].split_at(bytes.len() - HEAD - END);
    for (place, chunk) in (0..).zip(body.chunks(8)) {
        if *chunk != word(value, place).to_le_bytes()[..chunk.len()] {
            return Err(format!(
                "value {value:#x}, {len} bytes: foreign bytes at {}",
                HEAD as u64 + 8 * place
            ));
        }
    }
    if *end != end_mark(value) {
        return Err(format!("value {value:#x}, {len} bytes: wrong end mark"));
    }
    Ok(value)
}

fn word(value: u32, place: u64) -> u64 {
    (u64::from(value) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (place + 1).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

fn end_mark(value: u32) -> [u8; END] {
    let [.., first, second] = word(value, u64::from(u32::MAX)).to_be_bytes();
    [first, second]
}
