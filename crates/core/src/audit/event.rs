use std::net::IpAddr;

use super::{SessionName, Who, json::Line};
use crate::time::{Timestamp, utc};

/// Writes [`What`] from one table: a name, the event's word and its reason's word.
macro_rules! events {
    ($($(#[$doc:meta])+ $name:ident: $event:literal, $reason:literal;)+) => {
        /// What happened, and why.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum What {
            $($(#[$doc])+ $name,)+
        }

        impl What {
            /// All of them, in the order of docs/audit.md.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The event's word in a line.
            pub const fn event(self) -> &'static str {
                match self {
                    $(Self::$name => $event,)+
                }
            }

            /// The reason's word in a line.
            pub const fn reason(self) -> &'static str {
                match self {
                    $(Self::$name => $reason,)+
                }
            }
        }
    };
}

events! {
    /// The first record of a session was stored.
    Created: "create", "first_write";
    /// The same, under an id that the application chose.
    CreatedChosen: "create", "chosen_id";
    /// The application asked for a new id.
    Regenerated: "rotate", "regenerate";
    /// The renewal interval was over (S14).
    Renewed: "rotate", "renewal";
    /// The application ended a session.
    Destroyed: "destroy", "application";
    /// Somebody logged out.
    LoggedOut: "destroy", "logout";
    /// Its owner ended one session from another one (S16).
    EndedOne: "destroy", "ended";
    /// Somebody ended all their other sessions.
    EndedOthers: "destroy", "others";
    /// All sessions of a user were ended.
    EndedAll: "destroy", "all";
    /// Whoever runs the site ended one session, or all of a user.
    EndedByOperator: "destroy", "operator";
    /// PHP could not decode a session, and ended it.
    Undecodable: "destroy", "undecodable";
    /// A cookie that has not the form of an id (S03).
    Malformed: "reject", "malformed";
    /// A cookie that has the form of an id and that this store did not issue for it (S02, S24).
    Foreign: "reject", "foreign";
    /// The id of a session that was ended, or that has another id by now.
    RejectedEnded: "reject", "ended";
    /// An id that was issued here and under which nothing is stored.
    RejectedUnknown: "reject", "unknown";
    /// Several cookies of the session's name with different values (S22).
    Duplicate: "reject", "duplicate";
    /// A browser that did not log in brought the id of somebody who is logged in (S39, S40).
    RejectedBrowser: "reject", "browser";
    /// Somebody logged in with the right password.
    LoggedIn: "login", "password";
    /// The application logged somebody in without one.
    LoginForced: "login", "forced";
    /// A browser came back that is remembered.
    LoginRemembered: "login", "remembered";
    /// A browser stays logged in from now on.
    Remembered: "remember", "login";
    /// The cookie of a remembered login was copied; it ended, with every session that it had begun.
    RememberStolen: "remember", "stolen";
    /// A login failed because of the password.
    LoginPassword: "login_failed", "password";
    /// A login failed because nobody has the name.
    LoginUnknown: "login_failed", "unknown_user";
    /// A hook or a subclass refused a login.
    LoginNotAllowed: "login_failed", "not_allowed";
    /// All sessions of the user were ended while the login was on its way (S17).
    LoginOvertaken: "login_failed", "overtaken";
    /// An attempt to log in came too early (S37).
    Throttled: "throttle", "login";
    /// A user has as many sessions as the limit allows, and a login was refused (S18).
    LimitRefused: "limit", "refused";
    /// A user had as many sessions as the limit allows, and those that were idle longest were ended (S18).
    LimitEnded: "limit", "ended";
    /// The application took the control panel from a session.
    ControlPanelLocked: "lock", "application";
    /// The control panel was not used for as long as a session for it may be idle (S15).
    ControlPanelIdle: "lock", "idle";
    /// A session was removed that had come to its end.
    Expired: "expire", "lifetime";
    /// More of them were removed at once than there are lines for.
    ExpiredMore: "expire", "more";
    /// A guest's session gave way to a full store.
    Evicted: "evict", "full_store";
    /// More of them gave way at once than there are lines for.
    EvictedMore: "evict", "more";
}

/// One event, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// What happened, and why.
    pub what: What,
    /// The session that it happened to.
    pub session: Option<SessionName>,
    /// The session that it became.
    pub to: Option<SessionName>,
    /// Whom it is about.
    pub user: Option<Who>,
    /// Who runs the site and did it, as the application names them.
    pub by: Option<Who>,
    /// The name of the cookie.
    pub cookie: Option<&'a [u8]>,
    /// Where the request came from that did it, or that was refused.
    pub address: Option<IpAddr>,
    /// When the session had come to its end.
    pub expired: Option<Timestamp>,
    /// Of how many sessions the line tells, where it tells of several.
    pub count: Option<u64>,
}

impl Event<'_> {
    /// An event of which nothing more is known.
    pub const fn new(what: What) -> Self {
        Self {
            what,
            session: None,
            to: None,
            user: None,
            by: None,
            cookie: None,
            address: None,
            expired: None,
            count: None,
        }
    }

    /// The event as a line of JSON in ASCII, without an end of line. `at`: when it happened, by the wall clock.
    pub fn to_json(&self, at: Timestamp) -> String {
        let mut line = Line::begin();
        line.text("time", &utc(at));
        line.text("event", self.what.event());
        line.text("reason", self.what.reason());
        line.shown("session", self.session);
        line.shown("to", self.to);
        match &self.user {
            Some(Who::User(id)) => line.text("user", id),
            Some(Who::UserHash(hash)) => line.text("user_hash", &format!("{hash:08x}")),
            Some(Who::NameHash(hash)) => line.text("name_hash", &format!("{hash:08x}")),
            None => {}
        }
        match &self.by {
            Some(Who::User(name)) => line.text("by", name),
            Some(Who::UserHash(hash) | Who::NameHash(hash)) => line.text("by_hash", &format!("{hash:08x}")),
            None => {}
        }
        if let Some(cookie) = self.cookie.and_then(super::name::readable) {
            line.text("cookie", cookie);
        }
        line.shown("address", self.address);
        if let Some(expired) = self.expired {
            line.text("expired", &utc(expired));
        }
        if let Some(count) = self.count {
            line.number("count", count);
        }
        line.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{key::Key, secret::Secret};

    const AT: Timestamp = Timestamp::from_millis(1_782_864_005_042);

    fn name(byte: u8) -> SessionName {
        SessionName::of(&Key::from_bytes([byte; 32]))
    }

    #[test]
    fn s45_a_line_has_event_reason_time_and_hashed_id() {
        let event = Event { session: Some(name(0x1f)), ..Event::new(What::Created) };
        assert_eq!(
            event.to_json(AT),
            r#"{"time":"2026-07-01T00:00:05.042Z","event":"create","reason":"first_write","session":"1f1f1f1f1f1f1f1f"}"#
        );
    }

    #[test]
    fn every_field_has_its_place() {
        let secret = Secret::from_bytes([7; 32]);
        let event = Event {
            session: Some(name(1)),
            to: Some(name(2)),
            user: Some(Who::user(&secret, b"41")),
            by: Some(Who::user(&secret, b"ada")),
            cookie: Some(b"holdfast"),
            address: "2001:db8::1".parse().ok(),
            expired: Some(Timestamp::from_millis(0)),
            count: Some(3),
            ..Event::new(What::Renewed)
        };
        assert_eq!(
            event.to_json(AT),
            r#"{"time":"2026-07-01T00:00:05.042Z","event":"rotate","reason":"renewal","session":"0101010101010101","#
                .to_owned()
                + r#""to":"0202020202020202","user":"41","by":"ada","cookie":"holdfast","address":"2001:db8::1","#
                + r#""expired":"1970-01-01T00:00:00.000Z","count":3}"#
        );
    }

    #[test]
    fn s29_what_an_attacker_chooses_stays_in_its_field() {
        let event = Event {
            cookie: Some(b"a\",\"event\":\"login"),
            user: Some(Who::User("\\\u{e9}\u{202e}\u{1f600}".into())),
            ..Event::new(What::Foreign)
        };
        let line = event.to_json(AT);
        assert!(line.contains(r#""cookie":"a\",\"event\":\"login""#), "{line}");
        assert!(line.contains(r#""user":"\\\u00e9\u202e\ud83d\ude00""#), "{line}");
        let hostile: [&[u8]; 4] = [b"", b"a\nb", &[b'a'; 65], b"\xff"];
        for cookie in hostile {
            let line = Event { cookie: Some(cookie), ..Event::new(What::Foreign) }.to_json(AT);
            assert!(!line.contains("cookie"), "{line}");
        }
    }

    #[test]
    fn each_pair_of_words_is_there_once() {
        let words: HashSet<_> = What::ALL.iter().map(|what| (what.event(), what.reason())).collect();
        assert_eq!(words.len(), What::ALL.len());
    }

    #[test]
    fn the_documentation_lists_every_event_with_its_reason() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/audit.md");
        let documentation = std::fs::read_to_string(path).unwrap();
        let documented: Vec<(String, String)> = documentation
            .lines()
            .filter_map(|line| {
                let mut cells = line.strip_prefix("| `")?.split('|').map(|cell| cell.trim().replace('`', ""));
                Some((cells.next()?, cells.next()?))
            })
            .filter(|(event, _)| What::ALL.iter().any(|what| what.event() == event))
            .collect();
        let is: Vec<(String, String)> =
            What::ALL.iter().map(|what| (what.event().to_owned(), what.reason().to_owned())).collect();
        assert_eq!(documented, is);
    }
}
