//! The class `Holdfast\SessionInfo`: a session, or a remembered login without one, as its owner sees it in a list.

use ext_php_rs::builders::ClassBuilder;
use ext_php_rs::error::Result;
use ext_php_rs::ffi::ZEND_ACC_FINAL;
use ext_php_rs::flags::MethodFlags;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;
use holdfast_core::record::Handle;
use holdfast_core::session::{OwnedSession, Remembered};
use holdfast_core::time::Timestamp;

use crate::exception::Failure;
use crate::zend::{
    class::ClassSlot,
    method::{method, run},
    plain::{self, Type},
    value,
};

static CLASS: ClassSlot = ClassSlot::new();

/// The properties, in the order of declaration.
const PROPERTIES: [(&str, Type); 13] = [
    ("handle", Type::String),
    ("user", Type::String),
    ("isCurrent", Type::Bool),
    ("created", Type::Int),
    ("authenticated", Type::Int),
    ("lastActivity", Type::Int),
    ("expires", Type::Int),
    ("address", Type::String),
    ("userAgent", Type::String),
    ("secondaryId", Type::String),
    ("isOpen", Type::Bool),
    ("isRestored", Type::Bool),
    ("isRemembered", Type::Bool),
];

/// Registers the class.
pub(super) fn register() -> Result<()> {
    let (constructor, _) = method("__construct", construct, &[], &[]);
    ClassBuilder::new("Holdfast\\SessionInfo")
        .method(constructor, MethodFlags::Private)
        .registration(|class, tables| {
            class.ce_flags |= ZEND_ACC_FINAL;
            plain::declare(class, &PROPERTIES);
            CLASS.set(class, tables);
        })
        .register()
}

/// Only the extension makes them.
extern "C" fn construct(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |_| Ok(value::null()));
}

/// A device of a user: a session, a remembered login, or both.
pub(super) struct Device<'a> {
    /// Its session, while one is open.
    pub session: Option<&'a OwnedSession>,
    /// What is remembered of its login.
    pub remembered: Option<&'a Remembered>,
}

impl<'a> Device<'a> {
    /// All devices: those with a session first.
    pub(super) fn all(sessions: &'a [OwnedSession], remembered: &'a [Remembered]) -> Vec<Self> {
        let same = |session: &OwnedSession, remembered: &Remembered| {
            session.meta().handle == remembered.meta().handle
        };
        let open = sessions.iter().map(|session| Self {
            session: Some(session),
            remembered: remembered.iter().find(|remembered| same(session, remembered)),
        });
        let others = remembered.iter().filter(|remembered| !sessions.iter().any(|it| same(it, remembered)));
        open.chain(others.map(|remembered| Self { session: None, remembered: Some(remembered) })).collect()
    }
}

/// The object for a device; `current` is the handle of the request's own. Null for one that has neither.
pub(super) fn new(device: &Device<'_>, current: Option<Handle>) -> std::result::Result<Zval, Failure> {
    let of_session = device.session.map(|it| (it.meta(), it.last_activity(), it.expires()));
    let of_login = device.remembered.map(|it| (it.meta(), it.meta().renewed, it.expires()));
    let Some((meta, last_activity, expires)) = of_session.or(of_login) else { return Ok(value::null()) };
    let client = meta.client.as_ref();
    let seconds = |time: Timestamp| value::from_long(i64::try_from(time.as_secs()).unwrap_or(i64::MAX));
    plain::object(
        &CLASS,
        [
            value::from_bytes(meta.handle.to_string().as_bytes()),
            value::from_bytes(meta.user.as_deref().unwrap_or_default()),
            value::from_bool(current == Some(meta.handle)),
            seconds(meta.created),
            seconds(meta.authenticated),
            seconds(last_activity),
            seconds(expires),
            value::from_bytes(client.map_or("", |client| &client.address).as_bytes()),
            value::from_bytes(client.map_or(&[][..], |client| &client.agent)),
            value::from_bytes(meta.secondary.as_deref().unwrap_or_default()),
            value::from_bool(device.session.is_some()),
            value::from_bool(meta.restored),
            value::from_bool(device.remembered.is_some()),
        ],
    )
}
