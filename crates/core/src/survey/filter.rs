use std::{net::IpAddr, time::Duration};

use super::Listed;
use crate::{client::address::Range, time::Timestamp};

/// The text is no filter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{}' is neither an address nor a network such as 10.0.0.0/8 or 2001:db8::/32", .0.escape_default())]
pub struct BadFilter(pub String);

/// Which sessions; the default is all of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of this user, by the application's own identifier.
    pub user: Option<Vec<u8>>,
    /// Of users (true), or of guests (false).
    pub logged_in: Option<bool>,
    /// Those that nobody has asked for since so long.
    pub idle: Option<Duration>,
    /// Those of at least so many bytes.
    pub bytes: Option<u64>,
    /// Those in which this text is found, in whatever case of ASCII letters: in user, address, browser, or at the
    /// beginning of the handle. Empty: all.
    pub text: Vec<u8>,
    /// Those whose login came from this network: [`Filter::from_network`].
    pub network: Option<Range>,
}

impl Filter {
    /// Those whose login came from this address or network (CIDR).
    pub fn from_network(mut self, network: &str) -> Result<Self, BadFilter> {
        self.network = Some(Range::parse(network.trim()).ok_or_else(|| BadFilter(network.to_owned()))?);
        Ok(self)
    }

    /// Is the session one of them?
    pub fn has(&self, session: &Listed, now: Timestamp) -> bool {
        self.user.as_ref().is_none_or(|user| session.user.as_ref() == Some(user))
            && self.logged_in.is_none_or(|logged_in| session.user.is_some() == logged_in)
            && self.idle.is_none_or(|idle| now.since(session.last_activity) >= idle)
            && self.bytes.is_none_or(|bytes| session.bytes >= bytes)
            && self.network.is_none_or(|network| {
                session
                    .address
                    .parse::<IpAddr>()
                    .is_ok_and(|address| network.contains(address.to_canonical()))
            })
            && (self.text.is_empty() || self.is_in(session))
    }

    fn is_in(&self, session: &Listed) -> bool {
        contains(session.user.as_deref().unwrap_or_default(), &self.text)
            || contains(session.address.as_bytes(), &self.text)
            || contains(&session.agent, &self.text)
            || session.handle.to_string().as_bytes().get(..self.text.len()) == Some(&self.text)
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}
