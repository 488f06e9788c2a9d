//! What a session is known by and how long it lives, beside its values: saved at once, because others look for it.

use std::time::Duration;

use holdfast_core::record::Meta;
use holdfast_core::session::{self, OwnedSession, PATIENCE, SessionError, tries};

use super::atomic::CommitIf;
use super::session::Session;
use crate::exception::Failure;

impl Session {
    /// What is known of the stored session beside its values; `None` before it is stored.
    pub fn meta(&self) -> Result<Option<Meta>, Failure> {
        self.load()?;
        Ok(self.state.borrow().base.as_ref().map(|base| base.meta().clone()))
    }

    /// Gives the session a secondary id; `None` takes it away.
    pub fn set_secondary(&self, name: Option<&[u8]>) -> Result<(), Failure> {
        self.amend(&|visit, id, base, body| session::set_secondary(visit, id, base, body, name))
    }

    /// The session that bears a secondary id.
    pub fn find_secondary(&self, name: &[u8]) -> Result<Option<OwnedSession>, Failure> {
        Ok(session::find_secondary(&self.visit()?, name)?)
    }

    /// Gives this session a lifetime of its own; `None`: that of the settings.
    pub fn set_lifetime(&self, lifetime: Option<Duration>) -> Result<(), Failure> {
        let change = |meta: &mut Meta| {
            meta.keeps_lifetime = lifetime.is_some();
            if let Some(lifetime) = lifetime {
                meta.lifetime_ms = u64::try_from(lifetime.as_millis()).unwrap_or(u64::MAX);
            }
        };
        self.amend(&|visit, id, base, body| session::amend(visit, id, base, body, change))
    }

    /// How long the session lives without a request: as it is stored, or as the next save will store it.
    pub fn idle_lifetime(&self) -> Result<Duration, Failure> {
        let meta = self.meta()?;
        let lifetimes = self.state.borrow().options.lifetimes();
        Ok(lifetimes.idle_of(&meta.unwrap_or_default()))
    }

    /// Changes what is known of the session, with what this request had changed until now, before anybody else has
    /// saved anything.
    fn amend(&self, change: &CommitIf<'_>) -> Result<(), Failure> {
        self.begin_change()?;
        self.save()?;
        for () in tries() {
            self.reload()?;
            if self.store_if_unchanged(change)? {
                return Ok(());
            }
        }
        Err(Failure::Session(SessionError::Contended(PATIENCE)))
    }
}
