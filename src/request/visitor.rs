//! Who asks: the address and the traits of the browser, as the server and trusted proxies tell them.

use std::net::{IpAddr, Ipv4Addr};

use holdfast_core::client::{
    address,
    challenge::{self, Challenge},
    fingerprint::{Fingerprint, Modes, Traits},
};
use holdfast_core::record::{Client, Meta};
use holdfast_core::secret::Secret;

use super::{Options, Session, cookie, login_cookies, server};
use crate::exception::Failure;
use crate::zend::string::PhpString;

/// So much of what a browser calls itself is kept.
const LONGEST_AGENT: usize = 255;

/// Who connected to this server; `None` on a command line.
pub fn remote_address() -> Option<IpAddr> {
    address::client(server::variable("REMOTE_ADDR")?.as_bytes(), None, &address::TrustedProxies::default())
}

/// Who connected to the outermost trusted proxy, or to this server.
pub fn client_address(options: &Options) -> Option<IpAddr> {
    let forwarded_for = server::variable("HTTP_X_FORWARDED_FOR");
    let forwarded_for = forwarded_for.as_ref().map(PhpString::as_bytes);
    address::client(server::variable("REMOTE_ADDR")?.as_bytes(), forwarded_for, &options.trusted_proxies)
}

/// The bytes of the network that the throttle counts; `None` on a command line.
pub fn network(options: &Options) -> Option<Vec<u8>> {
    Some(address::network(client_address(options)?).as_bytes().to_vec())
}

/// What is hashed into a fingerprint of these modes.
pub fn fingerprint(options: &Options, secret: &Secret, modes: Modes) -> Fingerprint {
    let (agent, accept) = (user_agent(), bytes("HTTP_ACCEPT"));
    let traits = Traits {
        remote_address: remote_address(),
        client_address: client_address(options),
        user_agent: &agent,
        accept: &accept,
    };
    Fingerprint::of(secret, modes, &traits)
}

/// The same in the clear, as ProcessWire shows it for debugging.
pub fn fingerprint_in_words(options: &Options, modes: Modes) -> Vec<u8> {
    let text =
        |address: Option<IpAddr>| address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_string().into_bytes();
    let parts: [(Modes, &str, Vec<u8>); 4] = [
        (Modes::REMOTE_ADDRESS, "remote-addr", text(remote_address())),
        (Modes::CLIENT_ADDRESS, "client-addr", text(client_address(options))),
        (Modes::USER_AGENT, "useragent", user_agent()),
        (Modes::ACCEPT, "accept", bytes("HTTP_ACCEPT")),
    ];
    let counted = || parts.iter().filter(|(mode, ..)| modes.bits() & mode.bits() != 0);
    let names: Vec<&str> = counted().map(|(_, name, _)| *name).collect();
    let mut words = format!("{}: ", names.join(",")).into_bytes();
    counted().for_each(|(_, _, value)| words.extend_from_slice(value));
    words
}

/// A header; empty when there is none.
fn bytes(name: &str) -> Vec<u8> {
    server::variable(name).map_or_else(Vec::new, |value| value.as_bytes().to_vec())
}

fn user_agent() -> Vec<u8> {
    bytes("HTTP_USER_AGENT")
}

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

/// May this browser use the session of a member? What a login did not remember, because the setting was off, is not
/// asked for; and nothing is asked for that the settings switch off.
pub fn admit(options: &Options, secret: &Secret, meta: &Meta) -> Option<Admitted> {
    let Some(client) = &meta.client else { return Some(Admitted { challenge: None }) };
    if let (false, Some(kept)) = (options.logins.fingerprint.is_empty(), &client.fingerprint)
        && !fingerprint(options, secret, options.logins.fingerprint).matches(kept)
    {
        return None;
    }
    let (true, Some(kept)) = (options.logins.challenge, &client.challenge) else {
        return Some(Admitted { challenge: None });
    };
    login_cookies::challenges(options)
        .into_iter()
        .find(|shown| challenge::matches(secret, shown, kept))
        .map(|shown| Admitted { challenge: String::from_utf8(shown).ok() })
}

impl Session {
    /// Who connected to this server; `through_proxies`: as trusted proxies saw it.
    pub fn address(&self, through_proxies: bool) -> Option<IpAddr> {
        if through_proxies { client_address(&self.state.borrow().options) } else { remote_address() }
    }

    /// What a member's requests must have in common with their login.
    pub fn fingerprint_modes(&self) -> Modes {
        self.state.borrow().options.logins.fingerprint
    }

    /// The fingerprint of this browser, in hexadecimal digits.
    pub fn fingerprint(&self, modes: Modes) -> Result<String, Failure> {
        let store = self.store()?;
        let fingerprint = fingerprint(&self.state.borrow().options, store.secret(), modes);
        Ok(fingerprint.to_hex())
    }

    /// What goes into it.
    pub fn fingerprint_in_words(&self, modes: Modes) -> Vec<u8> {
        fingerprint_in_words(&self.state.borrow().options, modes)
    }

    /// Has the browser brought the session's cookie, or the one of a login?
    pub fn has_cookie(&self, of_login: bool) -> bool {
        let state = self.state.borrow();
        let options = &state.options;
        let name = if of_login { login_cookies::challenge_name(options) } else { options.full_cookie_name() };
        cookie::brought(&name).iter().any(|value| !value.is_empty())
    }

    /// The names of all cookies that the session may set.
    pub fn cookie_names(&self) -> Vec<String> {
        let state = self.state.borrow();
        let options = &state.options;
        let mut names = vec![options.full_cookie_name()];
        if options.logins.challenge {
            names.push(login_cookies::challenge_name(options));
        }
        if options.logins.throttle {
            names.push(login_cookies::device_name(options));
        }
        names
    }
}
