//! The class `Holdfast\Notice`: what a session has to tell a visitor, once.

use ext_php_rs::builders::ClassBuilder;
use ext_php_rs::error::Result;
use ext_php_rs::ffi::ZEND_ACC_FINAL;
use ext_php_rs::flags::{ConstantFlags, DataType, MethodFlags};
use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;

use crate::exception::Failure;
use crate::zend::{
    class::ClassSlot,
    method::{Call, method, run, typed_method},
    plain::{self, Type},
    string::PhpString,
    value::{self, Kind},
};

pub mod flags;
pub mod text;

/// A notice as it is queued.
pub struct Notice {
    /// What it says: plain text, or markup if its flags say so.
    pub text: PhpString,
    /// Bits of [`flags`].
    pub flags: i64,
    /// When it was queued, in whole seconds since 1970; 0 when that is not known.
    pub time: i64,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something went well, or is good to know.
    Message,
    /// Something failed.
    Error,
    /// Something may go wrong.
    Warning,
}

impl Severity {
    /// Every one there is.
    pub const ALL: [Self; 3] = [Self::Message, Self::Error, Self::Warning];

    /// The name that PHP code sees.
    const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

static CLASS: ClassSlot = ClassSlot::new();

/// The properties, in the order of declaration.
const PROPERTIES: [(&str, Type); 4] =
    [("text", Type::String), ("flags", Type::Int), ("type", Type::String), ("time", Type::Int)];
const TEXT: u32 = 0;
const FLAGS: u32 = 1;

/// Registers the class.
pub fn register() -> Result<()> {
    let (constructor, _) = method("__construct", construct, &[], &[]);
    let (to_string, public) = typed_method("__toString", to_string, &[], DataType::String);
    let (html, _) = method("html", html, &[], &[]);
    let (has_flag, _) = method("hasFlag", has_flag, &["flag"], &[]);
    let mut builder = ClassBuilder::new("Holdfast\\Notice")
        .method(constructor, MethodFlags::Private)
        .method(to_string, public)
        .method(html, public)
        .method(has_flag, public);
    for (name, flag) in flags::ALL {
        builder = builder.constant(*name, *flag, &[], ConstantFlags::Public)?;
    }
    builder
        .registration(|class, tables| {
            class.ce_flags |= ZEND_ACC_FINAL;
            plain::declare(class, &PROPERTIES);
            CLASS.set(class, tables);
        })
        .register()
}

/// The PHP object of a notice.
pub fn object(notice: Notice, severity: Severity) -> std::result::Result<Zval, Failure> {
    let values = [
        value::from_string(notice.text),
        value::from_long(notice.flags),
        value::from_bytes(severity.name().as_bytes()),
        value::from_long(notice.time),
    ];
    plain::object(&CLASS, values)
}

fn text_of(call: &Call<'_>) -> PhpString {
    // SAFETY: PHP calls the methods of the class on objects of the class, which is final.
    unsafe { plain::text(call.this(), TEXT) }
}

fn flags_of(call: &Call<'_>) -> i64 {
    // SAFETY: as above.
    let flags = unsafe { plain::property(call.this(), FLAGS) };
    if value::kind(&flags) == Kind::Long { value::long(&flags) } else { 0 }
}

/// Private: notices come from a session.
extern "C" fn construct(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |_| Ok(value::null()));
}

extern "C" fn to_string(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| Ok(value::from_string(text_of(call))));
}

extern "C" fn html(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let text = text_of(call);
        Ok(value::from_string(if flags_of(call) & flags::ALLOW_MARKUP == 0 {
            text::escaped(&text)
        } else {
            text
        }))
    });
}

extern "C" fn has_flag(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 1..=1, |call| {
        let asked = flags::parse(call.argument(0).unwrap_or(&value::null()))?;
        Ok(value::from_bool(flags_of(call) & asked != 0))
    });
}
