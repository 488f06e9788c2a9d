use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

/// Whether somebody wants the command to end. Asked between two pieces of work; the second signal ends it at once, which
/// no store minds either.
#[derive(Clone, Debug)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From now on signals are noted.
    pub fn listen() -> std::io::Result<Self> {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag unset.
            flag::register_conditional_default(signal, Arc::clone(&asked))?;
            flag::register(signal, Arc::clone(&asked))?;
        }
        Ok(Self(asked))
    }

    /// Relaxed: nothing else hangs on it.
    pub fn is_asked(&self) -> bool {
        self.0.load(Relaxed)
    }
}
