//! Who asks: the address and the traits of the browser, as the server and trusted proxies tell them.

use std::net::{IpAddr, Ipv4Addr};

use holdfast_core::client::{
    address,
    fingerprint::{Fingerprint, Modes, Traits},
};
use holdfast_core::secret::Secret;

use super::{
    Options, Session, cookie,
    login::{cookies, remembered},
};
use crate::exception::Failure;
use crate::server;
use crate::zend::string::PhpString;

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
    let agent = if modes.has(Modes::USER_AGENT) { user_agent() } else { Vec::new() };
    let accept = if modes.has(Modes::ACCEPT) { bytes("HTTP_ACCEPT") } else { Vec::new() };
    let traits = Traits {
        remote_address: modes.has(Modes::REMOTE_ADDRESS).then(remote_address).flatten(),
        client_address: modes.has(Modes::CLIENT_ADDRESS).then(|| client_address(options)).flatten(),
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
    let counted = || parts.iter().filter(|(mode, ..)| modes.has(*mode));
    let names: Vec<&str> = counted().map(|(_, name, _)| *name).collect();
    let mut words = format!("{}: ", names.join(",")).into_bytes();
    counted().for_each(|(_, _, value)| words.extend_from_slice(value));
    words
}

/// A header; empty when there is none.
fn bytes(name: &str) -> Vec<u8> {
    server::variable(name).map_or_else(Vec::new, |value| value.as_bytes().to_vec())
}

/// How the browser names itself; empty when it doesn't.
pub fn user_agent() -> Vec<u8> {
    bytes("HTTP_USER_AGENT")
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
        let name = if of_login { cookies::challenge_name(options) } else { options.full_cookie_name() };
        cookie::brought(&name).iter().any(|value| !value.is_empty())
    }

    /// The names of all cookies that the session may set.
    pub fn cookie_names(&self) -> Vec<String> {
        let state = self.state.borrow();
        let options = &state.options;
        let mut names = vec![options.full_cookie_name()];
        if options.logins.challenge {
            names.push(cookies::challenge_name(options));
        }
        if options.logins.throttle {
            names.push(cookies::device_name(options));
        }
        if !options.remember_lifetime.is_zero() {
            names.push(remembered::cookie_name(&options.full_cookie_name()));
        }
        names
    }
}
