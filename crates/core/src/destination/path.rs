use super::Refusal;

/// A path on this host. Its percent signs are decoded once for the check, because proxies on the way do that before
/// they pass a `Location` on or make one of their own (`return 302 $uri`); a query is nowhere decoded.
pub(super) fn check_local(path: &[u8]) -> Result<(), Refusal> {
    // As the browser reads it, and as it is after decoding.
    if path.starts_with(b"//") || leads_to_two_slashes(path) {
        return Err(Refusal::TwoSlashes);
    }
    check_encoded(path)?;
    if leads_to_two_slashes(&decoded(path)) { Err(Refusal::TwoSlashes) } else { Ok(()) }
}

/// A path must have no control byte that is only hidden by its encoding.
pub(super) fn check_encoded(path: &[u8]) -> Result<(), Refusal> {
    let hidden = path.windows(3).find_map(|three| unescape(three).filter(u8::is_ascii_control));
    hidden.map_or(Ok(()), |byte| Err(Refusal::EncodedControl { byte }))
}

/// Does the path begin with an empty segment once `.` and `..` are resolved, as if it were relative to the root?
fn leads_to_two_slashes(path: &[u8]) -> bool {
    let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
    let mut resolved: Vec<&[u8]> = Vec::new();
    let relative = path.strip_prefix(b"/").or_else(|| path.strip_prefix(b"\\")).unwrap_or(path);
    let mut segments = relative.split(is_slash).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match decoded(segment).as_slice() {
            b"." => {}
            b".." => drop(resolved.pop()),
            b"" if is_last => {}
            _ => resolved.push(segment),
        }
    }
    resolved.first().is_some_and(|first| first.is_empty())
}

fn decoded(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut at = 0;
    while at < path.len() {
        if let Some(byte) = path.get(at..at + 3).and_then(unescape) {
            out.push(byte);
            at += 3;
        } else {
            out.push(path[at]);
            at += 1;
        }
    }
    out
}

/// The byte that `%` and two hexadecimal digits stand for.
fn unescape(three: &[u8]) -> Option<u8> {
    let [b'%', high, low] = *three else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
