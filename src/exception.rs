//! The one place where errors become PHP exceptions.

use ext_php_rs::builders::ClassBuilder;
use ext_php_rs::class::ClassEntryInfo;
use ext_php_rs::error::Result;
use ext_php_rs::flags::ClassFlags;
use ext_php_rs::zend::{ClassEntry, ce};
use holdfast_core::codec::{DecodeError, EncodeError};
use holdfast_core::engine::EngineError;
use holdfast_core::secret::RandomError;
use holdfast_core::session::SessionError;
use holdfast_core::throttle::ThrottleError;

use crate::zend::{class::ClassSlot, error, ffi};

/// Why a call from PHP failed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A bad value or an unknown option.
    #[error("{0}")]
    InvalidArgument(String),
    /// A call that makes no sense at this point of the session's life.
    #[error("{0}")]
    InvalidState(String),
    /// A value that can't be stored.
    #[error("session variable {key} can't be stored: {reason}")]
    Unstorable {
        /// The variable's name, quoted.
        key: String,
        /// Why.
        reason: String,
    },
    /// The store failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The session could not be loaded or saved.
    #[error(transparent)]
    Session(SessionError),
    /// The session was stored by `$_SESSION` with another serializer.
    #[error("the stored session was written by the serializer '{0}', which is no tree of variables")]
    OtherSerializer(String),
    /// A stored value is damaged, or PHP refuses to build it.
    #[error("session variable {key} can't be read: {reason}")]
    Unreadable {
        /// The variable's name, quoted.
        key: String,
        /// Why.
        reason: String,
    },
    /// A request that has no valid token, or that another site sent.
    #[error("the request was refused: {0}")]
    InvalidToken(&'static str),
    /// The random generator failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// An attempt to log in could not be counted.
    #[error("the login was refused, because its attempt could not be counted: {0}")]
    Throttle(#[from] ThrottleError),
    /// A call of a method that there is not, or not for the caller.
    #[error("{0}")]
    NoMethod(String),
    /// The extension has a fault.
    #[error("Holdfast has a fault, please report it: {0}")]
    Fault(String),
    /// A PHP exception, or `exit`, is on its way: return at once.
    #[error("a PHP exception is pending")]
    Pending,
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Engine(error) => Self::Engine(error),
            SessionError::Random(error) => Self::Random(error),
            error => Self::Session(error),
        }
    }
}

/// Why a value could not be encoded or decoded, before the variable's name is known.
#[derive(Debug, thiserror::Error)]
pub enum ValueFailure {
    /// It is, or contains, something that can't be stored.
    #[error("{0}")]
    Unstorable(String),
    /// The tree is too deep or too large.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The bytes are no value.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// An object could not be built.
    #[error("{0}")]
    Unbuildable(String),
    /// `exit` was called in code of the application.
    #[error("exit was called")]
    Exit,
}

static HOLDFAST_EXCEPTION: ClassSlot = ClassSlot::new();
static INVALID_ARGUMENT: ClassSlot = ClassSlot::new();
static INVALID_STATE: ClassSlot = ClassSlot::new();
static UNSTORABLE_VALUE: ClassSlot = ClassSlot::new();
static INVALID_TOKEN: ClassSlot = ClassSlot::new();
static STORE_EXCEPTION: ClassSlot = ClassSlot::new();
static STORE_FULL: ClassSlot = ClassSlot::new();

/// Throws `failure` as the exception that PHP code expects.
pub fn throw(failure: &Failure) {
    let class = match failure {
        Failure::Pending => return,
        Failure::InvalidArgument(_) | Failure::Engine(EngineError::Dsn(_)) => &INVALID_ARGUMENT,
        Failure::InvalidState(_) | Failure::Session(SessionError::Gone) => &INVALID_STATE,
        Failure::Unstorable { .. } => &UNSTORABLE_VALUE,
        Failure::InvalidToken(_) => &INVALID_TOKEN,
        Failure::Engine(EngineError::Full { .. } | EngineError::TooLarge { .. }) => &STORE_FULL,
        Failure::NoMethod(_) | Failure::Fault(_) => return throw_error(&failure.to_string()),
        Failure::Engine(_)
        | Failure::Session(_)
        | Failure::OtherSerializer(_)
        | Failure::Unreadable { .. }
        | Failure::Throttle(_)
        | Failure::Random(_) => &STORE_EXCEPTION,
    };
    error::throw(class.get(), &failure.to_string());
}

/// Throws an `Error`: for a panic, which is a fault of the extension, and where PHP itself throws one.
fn throw_error(message: &str) {
    error::throw(std::ptr::from_ref(ce::error()).cast_mut(), message);
}

/// Registers the exceptions, parents first.
pub fn register() -> Result<()> {
    ClassBuilder::new("Holdfast\\Exception\\HoldfastException")
        .flags(ClassFlags::Interface)
        .implements((ce::throwable, "\\Throwable"))
        .registration(|class, tables| HOLDFAST_EXCEPTION.set(class, tables))
        .register()?;
    exception("InvalidArgument", (invalid_argument_parent, "\\InvalidArgumentException"))
        .registration(|class, tables| INVALID_ARGUMENT.set(class, tables))
        .register()?;
    exception("InvalidState", (logic_parent, "\\LogicException"))
        .registration(|class, tables| INVALID_STATE.set(class, tables))
        .register()?;
    exception("UnstorableValue", (invalid_argument_parent, "\\InvalidArgumentException"))
        .registration(|class, tables| UNSTORABLE_VALUE.set(class, tables))
        .register()?;
    exception("InvalidToken", (runtime_parent, "\\RuntimeException"))
        .registration(|class, tables| INVALID_TOKEN.set(class, tables))
        .register()?;
    exception("StoreException", (runtime_parent, "\\RuntimeException"))
        .registration(|class, tables| STORE_EXCEPTION.set(class, tables))
        .register()?;
    ClassBuilder::new("Holdfast\\Exception\\StoreFull")
        .extends((|| STORE_EXCEPTION.entry(), "\\Holdfast\\Exception\\StoreException"))
        .registration(|class, tables| STORE_FULL.set(class, tables))
        .register()
}

fn exception(name: &str, parent: ClassEntryInfo) -> ClassBuilder {
    ClassBuilder::new(format!("Holdfast\\Exception\\{name}"))
        .extends(parent)
        .implements((|| HOLDFAST_EXCEPTION.entry(), "\\Holdfast\\Exception\\HoldfastException"))
}

fn invalid_argument_parent() -> &'static ClassEntry {
    // SAFETY: ext/spl is part of every PHP and registers its classes before any extension's module startup.
    unsafe { &*ffi::hf_ce_invalid_argument() }
}

fn logic_parent() -> &'static ClassEntry {
    // SAFETY: as above.
    unsafe { &*ffi::hf_ce_logic() }
}

fn runtime_parent() -> &'static ClassEntry {
    // SAFETY: as above.
    unsafe { &*ffi::hf_ce_runtime() }
}
