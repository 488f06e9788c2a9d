//! Who is banned: by lists of php.ini, or of the application.

use holdfast_core::client::ban::{BadBan, BannedAddresses, BannedNames};

use super::Session;
use crate::exception::Failure;
use crate::settings;

/// What can be banned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The address of the visitor.
    Address,
    /// A mail address.
    Email,
    /// The name of an account.
    Username,
    /// The name that is shown of a member.
    ScreenName,
}

impl Kind {
    /// The setting with the list, without `holdfast.`; the option of the same name.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Address => "banned_ips",
            Self::Email => "banned_emails",
            Self::Username => "banned_usernames",
            Self::ScreenName => "banned_screen_names",
        }
    }
}

/// The lists that a session was given; `None`: php.ini's. They are parsed when they are asked for, so that requests that
/// ask for none pay for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bans([Option<Box<str>>; 4]);

impl Bans {
    /// Sets a list.
    pub fn set(&mut self, kind: Kind, list: String) {
        self.0[kind as usize] = Some(list.into_boxed_str());
    }
}

impl Session {
    /// Is the visitor's address banned? Without an address, as on a command line, it is not.
    pub fn address_is_banned(&self) -> Result<bool, Failure> {
        let list = self.banned(Kind::Address);
        let banned = BannedAddresses::parse(&list).map_err(|bad| self.wrong(Kind::Address, &bad))?;
        Ok(self.address(true).is_some_and(|address| banned.contain(address)))
    }

    /// Is the name banned, or the mail address?
    pub fn name_is_banned(&self, kind: Kind, name: &[u8]) -> Result<bool, Failure> {
        let list = self.banned(kind);
        Ok(BannedNames::parse(&list).map_err(|bad| self.wrong(kind, &bad))?.contain(name))
    }

    fn banned(&self, kind: Kind) -> String {
        let own = self.state.borrow().options.bans.0[kind as usize].clone();
        own.map_or_else(|| settings::text(kind.setting()), String::from)
    }

    fn wrong(&self, kind: Kind, bad: &BadBan) -> Failure {
        let setting = kind.setting();
        let is_own = self.state.borrow().options.bans.0[kind as usize].is_some();
        Failure::InvalidArgument(if is_own {
            format!("session option '{setting}' {bad}")
        } else {
            format!("holdfast.{setting} {bad}")
        })
    }
}
