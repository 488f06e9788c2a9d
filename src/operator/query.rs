//! The array that says which sessions `Store::sessions()` shall give.

use std::time::Duration;

use ext_php_rs::types::Zval;
use holdfast_core::survey::{Order, Query};

use crate::exception::Failure;
use crate::zend::{
    array::PhpArray,
    value::{self, Kind},
};

/// Sessions on a page, unless the query says how many.
const USUAL: usize = 50;
/// The most on a page.
const MOST: u64 = 1000;

/// The keys, in the order in which a message names them.
const KEYS: [&str; 10] =
    ["user", "loggedIn", "idle", "larger", "network", "search", "order", "descending", "offset", "limit"];

/// The orders, by their names.
const ORDERS: [(&str, Order); 6] = [
    ("activity", Order::LastActivity),
    ("created", Order::Created),
    ("expires", Order::Expires),
    ("bytes", Order::Bytes),
    ("user", Order::User),
    ("address", Order::Address),
];

/// What the array asks for; without one, the first page of all.
pub(super) fn parse(array: Option<&Zval>) -> Result<Query, Failure> {
    let mut query = Query { limit: USUAL, ..Query::default() };
    let Some(array) = array else { return Ok(query) };
    for (key, value) in PhpArray::of(array).entries() {
        let key = key.to_string().to_text();
        set(&mut query, &key, value::deref(value)).map_err(|refusal| {
            Failure::InvalidArgument(match refusal {
                Refusal::NoKey => format!(
                    "Store::sessions() knows no '{}'; there are: {}",
                    key.escape_default(),
                    KEYS.join(", ")
                ),
                Refusal::Must(be) => format!("Store::sessions(): '{key}' must be {be}"),
            })
        })?;
    }
    Ok(query)
}

/// Why an entry was not taken.
enum Refusal {
    /// There is no such key.
    NoKey,
    /// What its value must be.
    Must(String),
}

fn set(query: &mut Query, key: &str, value: &Zval) -> Result<(), Refusal> {
    let filter = &mut query.filter;
    match key {
        "user" => filter.user = Some(user(value)?),
        "loggedIn" => filter.logged_in = Some(truth(value)?),
        "idle" => filter.idle = Some(Duration::from_secs(number(value, 0, u64::MAX, "seconds")?)),
        "larger" => filter.bytes = Some(number(value, 0, u64::MAX, "bytes")?),
        "network" => {
            let network = String::from_utf8_lossy(text(value)?).into_owned();
            *filter = std::mem::take(filter)
                .from_network(&network)
                .map_err(|_| must("an address or a network, such as 10.0.0.0/8 or 2001:db8::/32"))?;
        }
        "search" => filter.text = text(value)?.to_vec(),
        "order" => query.order = order(value)?,
        "descending" => query.descending = truth(value)?,
        "offset" => query.offset = index(number(value, 0, u64::MAX, "sessions")?),
        "limit" => query.limit = index(number(value, 1, MOST, "sessions")?),
        _ => return Err(Refusal::NoKey),
    }
    Ok(())
}

fn must(be: &str) -> Refusal {
    Refusal::Must(be.to_owned())
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A user's id: 41 and '41' are one.
fn user(value: &Zval) -> Result<Vec<u8>, Refusal> {
    match value::kind(value) {
        Kind::Long => Ok(value::long(value).to_string().into_bytes()),
        Kind::String if !value::bytes(value).is_empty() => Ok(value::bytes(value).to_vec()),
        _ => Err(must("the id of a user: an integer, or a string that is not empty")),
    }
}

fn text(value: &Zval) -> Result<&[u8], Refusal> {
    match value::kind(value) {
        Kind::String => Ok(value::bytes(value)),
        _ => Err(must("a string")),
    }
}

fn truth(value: &Zval) -> Result<bool, Refusal> {
    match value::kind(value) {
        Kind::True => Ok(true),
        Kind::False => Ok(false),
        _ => Err(must("true or false")),
    }
}

fn number(value: &Zval, least: u64, most: u64, of: &str) -> Result<u64, Refusal> {
    let number = match value::kind(value) {
        Kind::Long => u64::try_from(value::long(value)).ok(),
        _ => None,
    };
    number.filter(|number| (least..=most).contains(number)).ok_or_else(|| {
        let range = if most == u64::MAX { format!("{least} or more") } else { format!("{least} to {most}") };
        Refusal::Must(format!("an integer: {range} {of}"))
    })
}

fn order(value: &Zval) -> Result<Order, Refusal> {
    let name = text(value).unwrap_or_default();
    let found = ORDERS.iter().find(|(known, _)| known.as_bytes() == name);
    found.map(|(_, order)| *order).ok_or_else(|| {
        let names: Vec<_> = ORDERS.iter().map(|(name, _)| *name).collect();
        Refusal::Must(format!("one of: {}", names.join(", ")))
    })
}
