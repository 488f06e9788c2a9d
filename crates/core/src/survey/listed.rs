use crate::{
    engine::Summary,
    key::Key,
    record::{Beginning, Handle, Kind, Meta},
    time::Timestamp,
};

/// A session, as whoever runs the site sees it: nothing of its values, and no id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its address in the store: for whoever works on it, not to be shown.
    pub key: Key,
    /// Names it to people.
    pub handle: Handle,
    /// Who is logged in, by the application's own identifier; `None`: a guest.
    pub user: Option<Vec<u8>>,
    /// Where the login came from, as text; empty: unknown, as of guests.
    pub address: String,
    /// How the browser that logged in named itself, cut off; empty when it did not.
    pub agent: Vec<u8>,
    /// When it began; at a login a new session begins.
    pub created: Timestamp,
    /// When its visitor proved who they are, or was known again.
    pub authenticated: Timestamp,
    /// The visitor was known again by a remembered login.
    pub restored: bool,
    /// When it was asked for last, to the accuracy with which its end is moved.
    pub last_activity: Timestamp,
    /// When it ends if nobody asks for it.
    pub expires: Timestamp,
    /// The length of its record in bytes.
    pub bytes: u64,
    /// Its values are one piece, which another serializer wrote.
    pub is_opaque: bool,
    /// The generation of its user's sessions that it belongs to.
    pub(super) generation: u64,
}

impl Listed {
    /// The session that a record begins; `None` when it is something else that a store keeps.
    pub(super) fn of(summary: &Summary, beginning: Beginning) -> Option<Self> {
        let Beginning { kind, meta } = beginning;
        if !matches!(kind, Kind::Tree | Kind::Opaque) {
            return None;
        }
        let Meta { created, authenticated, restored, lifetime_ms, handle, user, generation, client, .. } =
            meta;
        let client = client.unwrap_or_default();
        let last_activity = summary.expires.as_millis().saturating_sub(lifetime_ms);
        Some(Self {
            key: summary.key,
            handle,
            user,
            address: client.address,
            agent: client.agent,
            created,
            authenticated,
            restored,
            last_activity: Timestamp::from_millis(last_activity),
            expires: summary.expires,
            bytes: summary.bytes,
            is_opaque: kind == Kind::Opaque,
            generation,
        })
    }
}
