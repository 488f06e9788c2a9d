//! The settings `holdfast.*` of php.ini and the options of `new Session`, which have the same names and rules.

use std::{cell::Cell, time::Duration};

use holdfast_core::audit::Target;
use holdfast_core::client::address::TrustedProxies;
use holdfast_core::client::fingerprint::{Modes, UnknownMode};
use holdfast_core::cookie::SameSite;
use holdfast_core::csrf::Origin;
use holdfast_core::destination::AllowedHosts;
use holdfast_core::engine::StoreDsn;
use holdfast_core::session::WhenReached;

use crate::zend::{error, ffi};

/// When the cookie gets the attribute Secure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secure {
    /// When the request came by HTTPS.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// Whether the requests of a visitor wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locking {
    /// Where changes can't be merged: `$_SESSION` with another serializer than ours.
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

/// The most seconds that a duration may have: a hundred years.
const MAX_SECONDS: u64 = 100 * 366 * 86_400;

thread_local! {
    /// A thread of PHP has settings of its own.
    static CHANGES: Cell<u64> = const { Cell::new(0) };
}

/// How often settings have changed in this thread, or were about to: what was read at the same number is still so.
pub fn changes() -> u64 {
    CHANGES.get()
}

/// The text of a setting that src/zend/settings.c registers.
pub fn text(name: &str) -> String {
    let name = format!("holdfast.{name}");
    let mut len = 0;
    // SAFETY: the name is registered; the value lives until the setting is changed, and is copied here.
    let bytes = unsafe {
        let value = ffi::hf_setting(name.as_ptr().cast(), name.len(), &raw mut len);
        std::slice::from_raw_parts(value.cast::<u8>(), len)
    };
    String::from_utf8_lossy(bytes).into_owned()
}

/// Is a boolean setting on? Its value was checked when it was set.
pub fn flag(name: &str) -> bool {
    parse_bool(&text(name)).unwrap_or(false)
}

/// PHP's spellings of a boolean.
pub fn parse_bool(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "on" | "yes" | "true" => Ok(true),
        "0" | "" | "off" | "no" | "false" => Ok(false),
        _ => Err("must be on or off".into()),
    }
}

/// A duration in whole seconds, at least `min`.
pub fn parse_seconds(text: &str, min: u64) -> Result<u64, String> {
    match text.parse() {
        Ok(seconds) if (min..=MAX_SECONDS).contains(&seconds) => Ok(seconds),
        _ => Err(format!("must be a whole number of seconds from {min} to {MAX_SECONDS}")),
    }
}

/// How long an old id leads to a new one, in whole seconds: at most the 300 that PHP's manual speaks of (S07).
pub fn parse_grace(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(seconds) if seconds <= 300 => Ok(seconds),
        _ => Err("must be a whole number of seconds from 0 to 300".into()),
    }
}

/// `auto`, or a boolean.
pub fn parse_secure(text: &str) -> Result<Secure, String> {
    if text.eq_ignore_ascii_case("auto") {
        return Ok(Secure::Auto);
    }
    match parse_bool(text) {
        Ok(true) => Ok(Secure::On),
        Ok(false) => Ok(Secure::Off),
        Err(_) => Err("must be auto, on or off".into()),
    }
}

/// `auto`, or a boolean.
pub fn parse_locking(text: &str) -> Result<Locking, String> {
    match parse_secure(text)? {
        Secure::Auto => Ok(Locking::Auto),
        Secure::On => Ok(Locking::On),
        Secure::Off => Ok(Locking::Off),
    }
}

/// A setting in whole seconds, which was checked when it was set.
pub fn seconds(name: &str) -> Duration {
    Duration::from_secs(text(name).parse().unwrap_or(0))
}

/// A number of bytes: digits, and K, M or G behind them as in php.ini.
pub fn parse_bytes(text: &str) -> Result<usize, String> {
    let (digits, shift) = match text.as_bytes().last().map(u8::to_ascii_uppercase) {
        Some(b'K') => (&text[..text.len() - 1], 10),
        Some(b'M') => (&text[..text.len() - 1], 20),
        Some(b'G') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits
        .parse::<usize>()
        .ok()
        .filter(|number| *number <= (usize::MAX >> 8) >> shift)
        .map(|number| number << shift)
        .ok_or_else(|| "must be a number of bytes, such as 8388608 or 8M".into())
}

/// A setting in bytes, which was checked when it was set.
pub fn bytes(name: &str) -> usize {
    parse_bytes(&text(name)).unwrap_or(0)
}

/// `Lax`, `Strict`, `None`, or nothing for a cookie without the attribute.
pub fn parse_same_site(text: &str) -> Result<Option<SameSite>, String> {
    match text.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "lax" => Ok(Some(SameSite::Lax)),
        "strict" => Ok(Some(SameSite::Strict)),
        "none" => Ok(Some(SameSite::None)),
        _ => Err("must be Lax, Strict, None or empty".into()),
    }
}

/// Origins, separated by commas; none when empty.
pub fn parse_origins(text: &str) -> Result<Vec<Origin>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| Origin::parse(part.as_bytes())).collect::<Option<_>>().ok_or_else(|| {
        "must be origins like https://admin.example.org, without a path, separated by commas".into()
    })
}

/// A cookie's name: letters, digits, `-` and `_`, at most 64. PHP rewrites every other character in `$_COOKIE`.
pub fn parse_cookie_name(text: &str) -> Result<String, String> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        Ok(text.to_owned())
    } else {
        Err("must be 1 to 64 letters, digits, '-' and '_'".into())
    }
}

/// An attribute of a cookie: visible ASCII without `;` and `,`.
pub fn parse_attribute(text: &str) -> Result<String, String> {
    if text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';' && byte != b',') {
        Ok(text.to_owned())
    } else {
        Err("must not contain spaces, control characters, ',' or ';'".into())
    }
}

/// The hosts beside the own one that redirects may go to.
pub fn parse_hosts(text: &str) -> Result<AllowedHosts, String> {
    AllowedHosts::parse(text).map_err(|error| error.to_string())
}

/// How many pages a history keeps.
pub fn parse_history(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(pages) if pages <= 1000 => Ok(pages),
        _ => Err("must be a whole number of pages from 0 to 1000".into()),
    }
}

/// What a fingerprint is made of: a sum of ProcessWire's bits, or 1 for the default.
pub fn parse_fingerprint(text: &str) -> Result<Modes, String> {
    match text.parse() {
        Ok(1) => Ok(Modes::USER_AGENT),
        Ok(bits) => Modes::from_bits(bits).map_err(|wrong| wrong.to_string()),
        Err(_) if text.is_empty() => Ok(Modes::default()),
        Err(_) => Err(UnknownMode.to_string()),
    }
}

/// How many sessions a user may have; 0: any number.
pub fn parse_limit(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(sessions) if sessions <= 10_000 => Ok(sessions),
        _ => Err("must be a whole number of sessions from 0 to 10000".into()),
    }
}

/// What becomes of a login that would be one session too many.
pub fn parse_policy(text: &str) -> Result<WhenReached, String> {
    match text.to_ascii_lowercase().as_str() {
        "oldest" => Ok(WhenReached::EndOldest),
        "refuse" => Ok(WhenReached::Refuse),
        _ => Err("must be oldest or refuse".into()),
    }
}

/// The proxies whose word about where a request came from is taken.
pub fn parse_proxies(text: &str) -> Result<TrustedProxies, String> {
    TrustedProxies::parse(text).map_err(|error| error.to_string())
}

/// Checks one setting; the error says what it must be.
fn check(name: &str, value: &str) -> Result<(), String> {
    match name {
        "store" => StoreDsn::parse(value).map(drop).map_err(|error| error.to_string()),
        "global_class" | "auto_start" | "cookie_httponly" | "cookie_host_prefix" | "throttle"
        | "challenge" | "tracker" | "control_panel" => parse_bool(value).map(drop),
        "cookie_name" => parse_cookie_name(value).map(drop),
        "cookie_path" | "cookie_domain" => parse_attribute(value).map(drop),
        "cookie_secure" => parse_secure(value).map(drop),
        "cookie_samesite" => parse_same_site(value).map(drop),
        "cookie_lifetime" | "lock_wait" | "renewal_interval" | "member_lifetime" | "absolute_lifetime"
        | "remember_lifetime" | "cp_lifetime" => parse_seconds(value, 0).map(drop),
        "lifetime" => parse_seconds(value, 1).map(drop),
        "locking" => parse_locking(value).map(drop),
        "rotation_grace" | "regenerate_grace" => parse_grace(value).map(drop),
        "history" => parse_history(value).map(drop),
        "redirect_hosts" => parse_hosts(value).map(drop),
        "fingerprint" => parse_fingerprint(value).map(drop),
        "sessions_per_user" => parse_limit(value).map(drop),
        "sessions_per_user_policy" => parse_policy(value).map(drop),
        "csrf_origins" => parse_origins(value).map(drop),
        "trusted_proxies" => parse_proxies(value).map(drop),
        // Checked when somebody asks whether they are banned: a list that was not taken would ban nobody.
        "banned_ips" | "banned_emails" | "banned_usernames" | "banned_screen_names" => Ok(()),
        "audit" => Target::parse(value).map(drop),
        "worker_cache" => parse_bytes(value).map(drop),
        _ => Err("is not a setting".into()),
    }
}

/// PHP asks before it takes over a new value. The value itself is not shown: a DSN may hold a password.
///
/// # Safety
/// Both texts are live for the length of the call.
#[unsafe(no_mangle)]
unsafe extern "C" fn holdfast_setting_is_valid(
    name: *const u8,
    name_len: usize,
    value: *const u8,
    value_len: usize,
) -> bool {
    // SAFETY: by the caller's word.
    let (name, value) =
        unsafe { (std::slice::from_raw_parts(name, name_len), std::slice::from_raw_parts(value, value_len)) };
    let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
    let is_valid = match check(name.trim_start_matches("holdfast."), &value) {
        Ok(()) => true,
        // With the default in its place sessions would begin in another store, and everybody would be logged out (S27).
        Err(reason) if name == "holdfast.store" => {
            error::warn(&format!("{name} is no store, so no session can be opened: {reason}"));
            true
        }
        Err(reason) => {
            error::warn(&format!("{name} {reason}; the previous value stays"));
            false
        }
    };
    // After the warning: an error handler may have read the settings. PHP takes the value over at once.
    CHANGES.set(CHANGES.get() + 1);
    is_valid
}
