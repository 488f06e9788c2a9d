use std::{collections::BTreeSet, ops::ControlFlow};

use super::{
    Filter, Listed,
    list::{at, list},
};
use crate::{
    engine::{Engine, EngineError},
    key::Key,
    time::Timestamp,
};

/// By what sessions are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// When they were asked for last.
    #[default]
    LastActivity,
    /// When they began.
    Created,
    /// When they end.
    Expires,
    /// Their size.
    Bytes,
    /// The application's identifier of the user; guests come first.
    User,
    /// Where the login came from.
    Address,
}

/// Which sessions shall be on a page.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Which at all.
    pub filter: Filter,
    /// In which order.
    pub order: Order,
    /// The last ones first.
    pub descending: bool,
    /// So many of them come before the page.
    pub offset: usize,
    /// So many are on the page at most.
    pub limit: usize,
}

/// Some sessions, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What is on the page.
    pub sessions: Vec<Listed>,
    /// How many the filter has, on whatever page.
    pub matching: u64,
}

/// What a session is ordered by, and its address: those that are alike stand in the order of their addresses, so that pages
/// don't overlap.
type Place = ([u8; PLACE], Key);

/// Of texts so many bytes count.
const PLACE: usize = 32;

/// The page that `query` asks for. All sessions are looked at; what is remembered of them meanwhile is `offset + limit` places
/// of 64 bytes, and a little.
pub fn page(engine: &dyn Engine, query: &Query, now: Timestamp) -> Result<Page, EngineError> {
    let most = query.offset.saturating_add(query.limit);
    let mut places: BTreeSet<Place> = BTreeSet::new();
    let mut matching = 0;
    list(engine, &query.filter, now, &mut |session| {
        matching += 1;
        places.insert((place(&session, query.order), session.key));
        if places.len() > most {
            if query.descending {
                places.pop_first()
            } else {
                places.pop_last()
            };
        }
        ControlFlow::Continue(())
    })?;
    let on_page: Vec<Place> = if query.descending {
        places.into_iter().rev().skip(query.offset).take(query.limit).collect()
    } else {
        places.into_iter().skip(query.offset).take(query.limit).collect()
    };
    let mut sessions = Vec::with_capacity(on_page.len());
    for (_, key) in on_page {
        sessions.extend(at(engine, &key, now)?);
    }
    Ok(Page { sessions, matching })
}

fn place(session: &Listed, order: Order) -> [u8; PLACE] {
    let mut place = [0; PLACE];
    let number = |number: u64| number.to_be_bytes().to_vec();
    let bytes = match order {
        Order::LastActivity => number(session.last_activity.as_millis()),
        Order::Created => number(session.created.as_millis()),
        Order::Expires => number(session.expires.as_millis()),
        Order::Bytes => number(session.bytes),
        Order::User => session.user.clone().unwrap_or_default(),
        Order::Address => session.address.clone().into_bytes(),
    };
    let count = bytes.len().min(PLACE);
    place[..count].copy_from_slice(&bytes[..count]);
    place
}
