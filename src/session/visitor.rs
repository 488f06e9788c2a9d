//! What a template can ask of the visitor: the address, the fingerprint, the cookies.

use std::net::{IpAddr, Ipv4Addr};

use ext_php_rs::types::Zval;
use ext_php_rs::zend::ExecuteData;
use holdfast_core::client::fingerprint::Modes;

use super::this;
use crate::exception::Failure;
use crate::settings;
use crate::zend::{
    array::PhpArray,
    method::{Method, method, run},
    value::{self, Kind},
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        method("getIP", get_ip, &[], &[("int", "false"), ("useClient", "false")]),
        method("getFingerprint", get_fingerprint, &[], &[("mode", "null"), ("debug", "false")]),
        method("hasCookie", has_cookie, &[], &[("checkLogin", "false")]),
        method("hasLoginCookie", has_login_cookie, &[], &[]),
        method("getCookieNames", get_cookie_names, &[], &[]),
    ]
}

extern "C" fn get_ip(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=2, |call| {
        let uses_client = call.argument(1).is_some_and(value::is_true);
        let address = this(call)?.address(uses_client).unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        if !call.argument(0).is_some_and(value::is_true) {
            return Ok(value::from_bytes(address.to_string().as_bytes()));
        }
        Ok(value::from_long(match address {
            IpAddr::V4(address) => i64::from(u32::from(address)),
            IpAddr::V6(address) => i64::from(crc32(address.to_string().as_bytes())),
        }))
    });
}

/// PHP's `crc32()`, which ProcessWire makes an integer of an IPv6 address with: IEEE 802.3, reflected.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
            },
        )
    })
}

extern "C" fn get_fingerprint(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=2, |call| {
        let session = this(call)?;
        let modes = match call.given(0) {
            None => session.fingerprint_modes(),
            Some(mode) => modes_of(mode)?,
        };
        if modes.is_empty() {
            return Ok(value::from_bool(false));
        }
        if call.argument(1).is_some_and(value::is_true) {
            return Ok(value::from_bytes(&session.fingerprint_in_words(modes)));
        }
        Ok(value::from_bytes(session.fingerprint(modes)?.as_bytes()))
    });
}

/// As ProcessWire: true and 1 are the default mode.
fn modes_of(mode: &Zval) -> Result<Modes, Failure> {
    let text = match value::kind(mode) {
        Kind::True => "1".to_owned(),
        Kind::False => "0".to_owned(),
        Kind::Long => value::long(mode).to_string(),
        Kind::String => String::from_utf8_lossy(value::bytes(mode)).into_owned(),
        _ => String::from("?"),
    };
    settings::parse_fingerprint(&text)
        .map_err(|reason| Failure::InvalidArgument(format!("the mode of a fingerprint {reason}")))
}

extern "C" fn has_cookie(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=1, |call| {
        let of_login = call.argument(0).is_some_and(value::is_true);
        Ok(value::from_bool(this(call)?.has_cookie(of_login)))
    });
}

extern "C" fn has_login_cookie(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| Ok(value::from_bool(this(call)?.has_cookie(true))));
}

extern "C" fn get_cookie_names(frame: &mut ExecuteData, result: &mut Zval) {
    run(frame, result, 0..=0, |call| {
        let names = this(call)?.cookie_names();
        let mut list = PhpArray::with_capacity(names.len());
        for name in names {
            list.append(value::from_bytes(name.as_bytes()));
        }
        Ok(list.into_value())
    });
}
