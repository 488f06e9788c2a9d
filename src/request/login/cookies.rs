//! The cookies that a login gives beside the session's: the challenge, which belongs to one login (S40), and the device
//! token, by which the throttle knows a browser again (S38).

use std::time::Duration;

use crate::audit::What;
use crate::exception::Failure;
use crate::request::{Options, Session, cookie};

/// How long a browser keeps device tokens: the longest that browsers grant any cookie.
const DEVICE_LIFETIME: Duration = Duration::from_hours(24 * 400);

/// How many accounts of a browser are known again.
const MOST_DEVICES: usize = 4;

/// The name of the challenge's cookie.
pub fn challenge_name(options: &Options) -> String {
    format!("{}_challenge", options.full_cookie_name())
}

/// The name of the device tokens' cookie.
pub fn device_name(options: &Options) -> String {
    format!("{}_device", options.full_cookie_name())
}

/// The challenges that the visitor shows: one, unless the browser has several cookies of the name.
pub fn challenges(options: &Options) -> Vec<Vec<u8>> {
    cookie::brought(&challenge_name(options))
}

/// The device tokens that the visitor shows, whatever they are good for.
pub fn devices(options: &Options) -> Vec<Vec<u8>> {
    let cookies = cookie::brought(&device_name(options));
    let tokens = cookies.iter().flat_map(|cookie| cookie.split(|byte| *byte == b'.'));
    tokens.take(MOST_DEVICES).map(<[u8]>::to_vec).collect()
}

/// A token of another account stays in the cookie only if it can be one.
fn is_token(text: &[u8]) -> bool {
    (1..=128).contains(&text.len())
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl Session {
    /// Gives the browser the challenge of a login; `None`: it has none.
    pub(in crate::request) fn send_challenge(&self, challenge: Option<&str>) {
        let state = self.state.borrow();
        let options = &state.options;
        let challenge = challenge.map(|challenge| (challenge, options.cookie_lifetime));
        cookie::give(options, &challenge_name(options), challenge, state.now);
    }

    /// Sends the challenge again with a session cookie, so that the two stay or go together.
    pub(in crate::request) fn send_challenge_again(&self) {
        let challenge = {
            let state = self.state.borrow();
            let is_member = state.base.as_ref().is_some_and(|base| base.user().is_some());
            if is_member { state.challenge.clone() } else { None }
        };
        if challenge.is_some() {
            self.send_challenge(challenge.as_deref());
        }
    }

    /// Puts a device token in front of those that the browser has.
    pub(in crate::request) fn send_device(&self, token: &str) {
        let state = self.state.borrow();
        let (options, name) = (&state.options, device_name(&state.options));
        let mut tokens = vec![token.to_owned()];
        let others = devices(options).into_iter().filter(|token| is_token(token)).take(MOST_DEVICES - 1);
        tokens.extend(others.map(|token| String::from_utf8_lossy(&token).into_owned()));
        let line = cookie::attributes(options).set(&name, &tokens.join("."), DEVICE_LIFETIME, state.now);
        cookie::send(&name, &line);
    }

    /// Ends the session of whoever is logged in, or of a guest. Without `starts_new` nothing may be set any more.
    pub fn log_out(&self, starts_new: bool) -> Result<(), Failure> {
        let is_member = self.state.borrow().base.as_ref().is_some_and(|base| base.user().is_some());
        self.destroy_as(if is_member { What::LoggedOut } else { What::Destroyed })?;
        self.remember_user(None);
        cookie::forbid_storing();
        if !starts_new {
            self.close()?;
        }
        Ok(())
    }
}
