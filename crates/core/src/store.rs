use std::sync::Arc;

use crate::{
    codec::DigestKey,
    engine::{Engine, EngineError},
    secret::Secret,
};

/// An open engine with what hangs on its secret.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Arc<dyn Engine>,
    secret: Secret,
    digests: Arc<DigestKey>,
}

impl Store {
    /// Fetches the engine's secret.
    pub fn new(engine: Arc<dyn Engine>) -> Result<Self, EngineError> {
        let secret = engine.secret()?;
        let digests = Arc::new(DigestKey::derive(&secret));
        Ok(Self { engine, secret, digests })
    }

    /// The same with the secret that the engine has by now, where that is another one: the file was removed or replaced,
    /// say. Who went on with the old secret would recognise no id that others issue, nor they his.
    pub fn renewed(&self) -> Result<Option<Self>, EngineError> {
        let is_same = self.engine.secret()? == self.secret;
        if is_same { Ok(None) } else { Self::new(Arc::clone(&self.engine)).map(Some) }
    }

    /// Where the sessions are.
    pub fn engine(&self) -> &dyn Engine {
        &*self.engine
    }

    /// What ids hang on.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// What digests hang on.
    pub fn digests(&self) -> &DigestKey {
        &self.digests
    }
}
