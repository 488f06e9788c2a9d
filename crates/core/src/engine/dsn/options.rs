use std::time::Duration;

use super::wrong;
use crate::engine::EngineError;

/// The part after the `?`: each name is allowed, occurs once and has a value.
pub(super) struct Options<'a> {
    scheme: &'static str,
    given: Vec<(&'static str, &'a str)>,
}

impl<'a> Options<'a> {
    pub(super) fn read(
        scheme: &'static str,
        allowed: &[&'static str],
        query: &'a str,
    ) -> Result<Self, EngineError> {
        let mut given: Vec<(&'static str, &'a str)> = Vec::new();
        let list = || allowed.join(", ");
        for option in query.split('&').filter(|_| !query.is_empty()) {
            let Some((name, value)) = option.split_once('=') else {
                return Err(wrong(format!(
                    "{scheme}: an option is not of the form name=value; allowed: {}",
                    list()
                )));
            };
            let Some(&known) = allowed.iter().find(|known| **known == name) else {
                let name = if is_name(name) { name } else { "(not a name)" };
                return Err(wrong(format!("{scheme}: unknown option {name}; allowed: {}", list())));
            };
            if given.iter().any(|(earlier, _)| *earlier == known) {
                return Err(wrong(format!("{scheme}: option {known} is given twice; allowed: once")));
            }
            given.push((known, value));
        }
        Ok(Self { scheme, given })
    }

    /// Bytes: a number, or one with K, M or G (of 1024).
    pub(super) fn take_size(&mut self, name: &str, least: u64) -> Result<Option<u64>, EngineError> {
        self.take(name, |value| size(value).filter(|bytes| *bytes >= least)).map_err(|()| {
            let scheme = self.scheme;
            wrong(format!(
                "{scheme}: bad value of {name}; allowed: bytes from {least} on, as in 65536, 64K, 64M or 1G"
            ))
        })
    }

    /// A duration with its unit, longer than nothing.
    pub(super) fn take_duration(&mut self, name: &str) -> Result<Option<Duration>, EngineError> {
        self.take(name, |value| duration(value).filter(|time| !time.is_zero())).map_err(|()| {
            let scheme = self.scheme;
            wrong(format!("{scheme}: bad value of {name}; allowed: a duration above 0, as in 500ms or 5s"))
        })
    }

    /// Whatever `read` makes of the value; `allowed` says what it takes.
    pub(super) fn take_with<T>(
        &mut self,
        name: &str,
        allowed: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, EngineError> {
        let scheme = self.scheme;
        self.take(name, read)
            .map_err(|()| wrong(format!("{scheme}: bad value of {name}; allowed: {allowed}")))
    }

    fn take<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, ()> {
        match self.given.iter().position(|(known, _)| *known == name) {
            None => Ok(None),
            Some(at) => read(self.given.swap_remove(at).1).map(Some).ok_or(()),
        }
    }
}

/// Looks like the name of an option; anything else is not repeated in a message.
fn is_name(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn size(text: &str) -> Option<u64> {
    let unit = match text.as_bytes().last()? {
        b'K' | b'k' => 1 << 10,
        b'M' | b'm' => 1 << 20,
        b'G' | b'g' => 1 << 30,
        _ => return number(text),
    };
    number(&text[..text.len() - 1])?.checked_mul(unit)
}

fn duration(text: &str) -> Option<Duration> {
    if let Some(millis) = text.strip_suffix("ms") {
        return number(millis).map(Duration::from_millis);
    }
    number(text.strip_suffix('s')?).map(Duration::from_secs)
}

/// Digits only: [`u64::from_str`] would take a plus sign as well.
fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
