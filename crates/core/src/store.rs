use std::sync::Arc;

use crate::{
    codec::DigestKey,
    engine::{Engine, EngineError},
    secret::Secret,
};

/// An open engine with what hangs on its secret. A clone is a pointer.
#[derive(Clone, Debug)]
pub struct Store(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    engine: Arc<dyn Engine>,
    secret: Secret,
    digests: DigestKey,
    name: u64,
}

impl Store {
    /// Fetches the engine's secret.
    pub fn new(engine: Arc<dyn Engine>) -> Result<Self, EngineError> {
        let secret = engine.secret()?;
        let digests = DigestKey::derive(&secret);
        let name = digests.name();
        Ok(Self(Arc::new(Opened { engine, secret, digests, name })))
    }

    /// The same with the secret that the engine has by now, where that is another one: the file was removed or replaced,
    /// say. Who went on with the old secret would recognise no id that others issue, nor they his.
    pub fn renewed(&self) -> Result<Option<Self>, EngineError> {
        let is_same = self.0.engine.secret()? == self.0.secret;
        if is_same { Ok(None) } else { Self::new(Arc::clone(&self.0.engine)).map(Some) }
    }

    /// Is this the store that its engine has, with the secret that it has by now?
    pub fn is_current(&self) -> Result<bool, EngineError> {
        Ok(self.0.engine.is_same()? && self.0.engine.secret()? == self.0.secret)
    }

    /// Where the sessions are.
    pub fn engine(&self) -> &dyn Engine {
        &*self.0.engine
    }

    /// What ids hang on.
    pub fn secret(&self) -> &Secret {
        &self.0.secret
    }

    /// A number for the store; see [`DigestKey::name`].
    pub fn name(&self) -> u64 {
        self.0.name
    }

    /// What digests hang on.
    pub fn digests(&self) -> &DigestKey {
        &self.0.digests
    }
}
