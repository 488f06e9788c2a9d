//! The browser that logged in (S39, S40): no other may use its session.

use holdfast_core::client::challenge::{self, Challenge};
use holdfast_core::record::{Client, Meta};
use holdfast_core::secret::Secret;

use super::cookies;
use crate::exception::Failure;
use crate::request::{
    Options,
    visitor::{client_address, fingerprint, user_agent},
};

/// So much of what a browser calls itself is kept.
const LONGEST_AGENT: usize = 255;

/// What a login remembers of this browser, and the challenge that it gives it.
pub fn remember(options: &Options, secret: &Secret) -> Result<(Option<Challenge>, Client), Failure> {
    let challenge = if options.logins.challenge { Some(Challenge::issue()?) } else { None };
    let fingerprint = (!options.logins.fingerprint.is_empty())
        .then(|| *fingerprint(options, secret, options.logins.fingerprint).as_bytes());
    let mut agent = user_agent();
    agent.truncate(LONGEST_AGENT);
    let client = Client {
        address: client_address(options).map(|address| address.to_string()).unwrap_or_default(),
        agent,
        fingerprint,
        challenge: challenge.as_ref().map(|challenge| challenge.kept(secret)),
    };
    Ok((challenge, client))
}

/// What a browser shows that may use a member's session.
pub struct Admitted {
    /// The challenge that it showed; `None` where none is asked for.
    pub challenge: Option<String>,
}

/// Has this browser in common with the one that logged in what the settings ask for?
pub fn fits(options: &Options, secret: &Secret, client: &Client) -> bool {
    match (options.logins.fingerprint.is_empty(), &client.fingerprint) {
        (false, Some(kept)) => fingerprint(options, secret, options.logins.fingerprint).matches(kept),
        _ => true,
    }
}

/// May this browser use the session of a member? What a login did not remember, because the setting was off, is not
/// asked for; and nothing is asked for that the settings switch off.
pub fn admit(options: &Options, secret: &Secret, meta: &Meta) -> Option<Admitted> {
    let Some(client) = &meta.client else { return Some(Admitted { challenge: None }) };
    if !fits(options, secret, client) {
        return None;
    }
    let (true, Some(kept)) = (options.logins.challenge, &client.challenge) else {
        return Some(Admitted { challenge: None });
    };
    cookies::challenges(options)
        .into_iter()
        .find(|shown| challenge::matches(secret, shown, kept))
        .map(|shown| Admitted { challenge: String::from_utf8(shown).ok() })
}
