//! The class `Holdfast\SessionInfo`: a session as its owner sees it in a list.

use ext_php_rs::builders::ClassBuilder;
use ext_php_rs::error::Result;
use ext_php_rs::ffi::ZEND_ACC_FINAL;
use ext_php_rs::flags::MethodFlags;
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;
use holdfast_core::record::Handle;
use holdfast_core::session::OwnedSession;

use crate::exception::Failure;
use crate::zend::{
    class::ClassSlot,
    method::{method, run},
    plain::{self, Type},
    value,
};

static CLASS: ClassSlot = ClassSlot::new();

/// The properties, in the order of declaration.
const PROPERTIES: [(&str, Type); 10] = [
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

/// The object for a session; `current` is the handle of the request's own.
pub(super) fn new(session: &OwnedSession, current: Option<Handle>) -> std::result::Result<Zval, Failure> {
    let meta = session.meta();
    let client = meta.client.as_ref();
    let seconds = |time: holdfast_core::time::Timestamp| {
        value::from_long(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
    };
    plain::object(
        &CLASS,
        [
            value::from_bytes(meta.handle.to_string().as_bytes()),
            value::from_bytes(meta.user.as_deref().unwrap_or_default()),
            value::from_bool(current == Some(meta.handle)),
            seconds(meta.created),
            seconds(meta.authenticated),
            seconds(session.last_activity()),
            seconds(session.expires()),
            value::from_bytes(client.map_or("", |client| &client.address).as_bytes()),
            value::from_bytes(client.map_or(&[][..], |client| &client.agent)),
            value::from_bytes(meta.secondary.as_deref().unwrap_or_default()),
        ],
    )
}
