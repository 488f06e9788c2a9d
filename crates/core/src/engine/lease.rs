use std::fmt;

/// The lock of one session, held. Only [`Engine::lock`](super::Engine::lock) makes one; dropping it releases the lock,
/// and so does the death of the process, whatever the cause.
///
/// It may outlive the engine that made it and be dropped by another thread. A forked child inherits only the look of
/// it: in the child, dropping it does nothing.
#[must_use = "dropping it releases the lock"]
pub struct Lease {
    _held: Box<dyn Send + Sync>,
}

impl Lease {
    /// A lease for as long as `held` is not dropped.
    pub(super) fn of(held: impl Send + Sync + 'static) -> Self {
        Self { _held: Box::new(held) }
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lease")
    }
}
