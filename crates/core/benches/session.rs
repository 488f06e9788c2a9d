//! What a request does to a session, without PHP: its id recognised, loaded, saved.

#![allow(clippy::unwrap_used, reason = "a benchmark fails by panicking")]

mod variables;

use std::{sync::Arc, time::Duration};

use divan::{Bencher, black_box};
use holdfast_core::{
    codec::root::Root,
    engine::{
        Engine,
        shared::{SharedEngine, SharedOptions},
    },
    id::SessionId,
    record::Body,
    session::{Base, Found, Id, Lifetimes, Visit, load, save},
    store::Store,
};
use variables::{LAYOUTS, Layout, root};

const COOKIE: &str = "holdfast";

fn main() {
    divan::main();
}

/// A visitor's session in a shared store, with the place of its file.
struct Visited {
    visit: Visit,
    id: SessionId,
    base: Base,
    _place: tempfile::TempDir,
}

impl Visited {
    fn new(layout: Layout) -> Self {
        let place = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let options = SharedOptions { size: 16 << 20, ..SharedOptions::at(place.path()) };
        let engine = Arc::new(SharedEngine::open(options).unwrap());
        let now = engine.now();
        let store = Store::new(engine).unwrap();
        let id = SessionId::issue(store.secret(), COOKIE).unwrap();
        let lifetimes = Lifetimes::idle(Duration::from_hours(1));
        let visit = Visit { store, cookie_name: COOKIE.to_owned(), lifetimes, now };
        let bytes = root(visit.store.digests(), &layout.variables(0));
        let body = Body::Tree(Root::parse(&bytes).unwrap());
        let base = save(&visit, &Id::Issued(id.clone()), None, body).unwrap().base;
        Self { visit, id, base, _place: place }
    }

    fn load(&self) -> Base {
        match load(&self.visit, &Id::Issued(self.id.clone())).unwrap() {
            Found::Session { base, .. } => base,
            other => panic!("the session is there: {other:?}"),
        }
    }
}

#[divan::bench]
fn recognise_an_id(bencher: Bencher<'_, '_>) {
    let visited = Visited::new(Layout::Arrays(5));
    let (secret, text) = (visited.visit.store.secret(), visited.id.as_str().as_bytes());
    bencher.bench(|| SessionId::recognise(secret, COOKIE, black_box(text)).unwrap());
}

#[divan::bench]
fn issue_an_id(bencher: Bencher<'_, '_>) {
    let visited = Visited::new(Layout::Arrays(5));
    bencher.bench(|| SessionId::issue(visited.visit.store.secret(), COOKIE).unwrap());
}

#[divan::bench]
fn address_of_an_id(bencher: Bencher<'_, '_>) {
    let visited = Visited::new(Layout::Arrays(5));
    let id = Id::Issued(visited.id.clone());
    bencher.bench(|| visited.visit.key(black_box(&id)));
}

#[divan::bench(args = LAYOUTS)]
fn load_it(bencher: Bencher<'_, '_>, layout: Layout) {
    let visited = Visited::new(layout);
    bencher.bench(|| visited.load());
}

/// What is saved is encoded already.
#[divan::bench(args = LAYOUTS)]
fn save_it(bencher: Bencher<'_, '_>, layout: Layout) {
    let visited = Visited::new(layout);
    let id = Id::Issued(visited.id.clone());
    let roots = [1, 2].map(|number| root(visited.visit.store.digests(), &layout.variables(number)));
    let mut base = visited.base.clone();
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        let body = Body::Tree(Root::parse(&roots[turn % 2]).unwrap());
        let saved = save(&visited.visit, &id, Some(&base), body).unwrap();
        assert!(!saved.merged);
        base = saved.base;
    });
}
