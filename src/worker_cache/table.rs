//! The nodes and sessions that a thread has in its cache, and which of them go when it is full.

use std::{
    collections::{BinaryHeap, HashMap},
    hash::{BuildHasherDefault, Hasher},
    ptr::NonNull,
};

use holdfast_core::codec::Digest;
use holdfast_core::key::Key;
use holdfast_core::session::Base;

use super::{node::Node, root::Root};

/// Sessions that were seen once, by a hash of their address: a power of two.
const GHOSTS: usize = 4096;

/// Bytes that a session takes beside its record and its nodes.
const SESSION_OVERHEAD: usize = size_of::<(SessionKey, CachedSession)>() + 128;

/// Digests and addresses are as good as random already.
#[derive(Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            self.0 ^= u64::from_le_bytes(*last);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 ^= number;
    }

    /// The length of what follows: the same for all.
    fn write_usize(&mut self, _: usize) {}
}

type Spreading = BuildHasherDefault<Spread>;

/// A session of a store: the store's name, and the session's address there.
type SessionKey = (u64, [u8; 32]);

/// What is kept of a session.
struct CachedSession {
    /// What the store had last, as far as this thread knows.
    base: Base,
    /// Its variables, of this version or of one before.
    root: Option<NonNull<Root>>,
    /// Bytes that all of it was counted as.
    counted: usize,
    used: u64,
}

impl CachedSession {
    /// Bytes that it takes.
    fn bytes(&self) -> usize {
        let root = self.root.map_or(0, |root| {
            // SAFETY: what a session has is live.
            let root = unsafe { root.as_ref() };
            root.bytes() + if root.base.is(&self.base) { 0 } else { root.base.record().len() }
        });
        bytes_of(&self.base) + root
    }
}

/// Figures since the thread began.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Nodes that were asked for and were there.
    pub hits: u64,
    /// Nodes that had to be decoded.
    pub misses: u64,
    /// Sessions whose record was not read, because nobody had changed it.
    pub unchanged: u64,
    /// Nodes and sessions that went because there was no room.
    pub evicted: u64,
}

/// All that a thread keeps.
#[derive(Default)]
pub(super) struct Table {
    nodes: HashMap<[u8; 16], NonNull<Node>, Spreading>,
    sessions: HashMap<SessionKey, CachedSession, Spreading>,
    /// Empty until the first session is seen.
    ghosts: Vec<u64>,
    /// Nodes that a session had and has no more.
    replaced: Vec<Digest>,
    /// Roots that were given up, and bytes that they take.
    given_up: Vec<(NonNull<Root>, usize)>,
    bytes: usize,
    /// Goes up with every use.
    clock: u64,
    pub(super) figures: Figures,
}

/// Who goes first: used longest ago.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    Node([u8; 16]),
    Session(SessionKey),
}

impl Table {
    /// Bytes that everything takes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Nodes, with those that are roots, and sessions.
    pub(super) fn entries(&self) -> (usize, usize) {
        let roots = self.sessions.values().filter(|session| session.root.is_some()).count();
        (self.nodes.len() + roots, self.sessions.len())
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// The node of a digest, of one store, that has `len` bytes.
    pub(super) fn node(&mut self, digest: Digest, store: u64, len: usize) -> Option<NonNull<Node>> {
        let found = self.nodes.get(&digest.0).copied().filter(|node| {
            // SAFETY: what the table has is live.
            let node = unsafe { node.as_ref() };
            node.store == store && node.len == len
        });
        if let Some(node) = found {
            let now = self.tick();
            // SAFETY: as above.
            unsafe { node.as_ref() }.used.set(now);
            self.figures.hits += 1;
        } else {
            self.figures.misses += 1;
        }
        found
    }

    /// Is there a node of this digest?
    pub(super) fn has_node(&self, digest: Digest) -> Option<NonNull<Node>> {
        self.nodes.get(&digest.0).copied()
    }

    /// Takes a node over.
    pub(super) fn add_node(&mut self, node: Box<Node>) -> NonNull<Node> {
        node.used.set(self.tick());
        self.bytes += node.bytes();
        let digest = node.digest.0;
        let node = NonNull::from(Box::leak(node));
        let before = self.nodes.insert(digest, node);
        debug_assert!(before.is_none(), "a digest has one node");
        node
    }

    /// Has this thread seen the session before? Remembers that it has by now.
    pub(super) fn is_known(&mut self, store: u64, key: &Key) -> bool {
        if self.sessions.contains_key(&(store, *key.as_bytes())) {
            return true;
        }
        let hash = key.as_bytes().last_chunk().map_or(1, |last| u64::from_le_bytes(*last) ^ store) | 1;
        if self.ghosts.is_empty() {
            self.ghosts = vec![0; GHOSTS];
        }
        let place = (hash >> 1) as usize % GHOSTS;
        std::mem::replace(&mut self.ghosts[place], hash) == hash
    }

    /// What the store had last of a session.
    pub(super) fn base(&mut self, store: u64, key: &Key) -> Option<Base> {
        let now = self.tick();
        let session = self.sessions.get_mut(&(store, *key.as_bytes()))?;
        session.used = now;
        Some(session.base.clone())
    }

    /// Is this what is remembered of the session, and all that is known of it?
    pub(super) fn has_base(&self, store: u64, base: &Base) -> bool {
        self.sessions.get(&(store, *base.key().as_bytes())).is_some_and(|session| {
            session.base.is(base) && (base.listing().is_none() || session.base.listing().is_some())
        })
    }

    /// Remembers what the store has of a session.
    pub(super) fn put_base(&mut self, store: u64, base: &Base) {
        let used = self.tick();
        let session = self
            .sessions
            .entry((store, *base.key().as_bytes()))
            .and_modify(|session| session.base = base.clone())
            .or_insert_with(|| CachedSession { base: base.clone(), root: None, counted: 0, used });
        session.used = used;
        self.count(store, base.key());
    }

    /// The root of a session, of this version or of one before.
    pub(super) fn root(&self, store: u64, key: &Key) -> Option<NonNull<Root>> {
        self.sessions.get(&(store, *key.as_bytes()))?.root
    }

    /// Gives a session that is remembered its root; `None` when it isn't.
    pub(super) fn put_root(&mut self, store: u64, root: Root) -> Option<NonNull<Root>> {
        let key = *root.base.key();
        let session = self.sessions.get_mut(&(store, *key.as_bytes()))?;
        debug_assert!(session.root.is_none(), "the root before was given up");
        let root = NonNull::from(Box::leak(Box::new(root)));
        session.root = Some(root);
        self.count(store, &key);
        Some(root)
    }

    /// Counts a session's bytes anew, after it was changed.
    pub(super) fn count(&mut self, store: u64, key: &Key) {
        if let Some(session) = self.sessions.get_mut(&(store, *key.as_bytes())) {
            self.bytes -= session.counted;
            session.counted = session.bytes();
            self.bytes += session.counted;
        }
    }

    /// Takes the root from a session. What of it nobody else has goes after the request.
    pub(super) fn give_up_root(&mut self, store: u64, key: &Key) {
        let session = self.sessions.get_mut(&(store, *key.as_bytes()));
        if let Some(root) = session.and_then(|session| session.root.take()) {
            self.count(store, key);
            self.put_aside(root);
        }
    }

    /// Forgets a session. What of it nobody else has goes after the request.
    pub(super) fn forget(&mut self, store: u64, key: &Key) {
        if let Some(old) = self.sessions.remove(&(store, *key.as_bytes())) {
            self.bytes -= old.counted;
            if let Some(root) = old.root {
                self.put_aside(root);
            }
        }
    }

    fn put_aside(&mut self, root: NonNull<Root>) {
        // SAFETY: leaked by `put_root`, and no session's any more; freed after the request only.
        let given_up = unsafe { root.as_ref() };
        let bytes = given_up.bytes() + given_up.base.record().len();
        self.bytes += bytes;
        self.given_up.push((root, bytes));
        for node in given_up.nodes() {
            self.let_go(node);
        }
    }

    /// A root has a node no more. The list is as long as there are nodes at most, however long a request runs.
    pub(super) fn let_go(&mut self, node: NonNull<Node>) {
        // SAFETY: the root held it until here, and nothing is freed while a request runs.
        let node = unsafe { node.as_ref() };
        node.parents.set(node.parents.get() - 1);
        node.used.set(0);
        if !node.is_listed.replace(true) {
            self.replaced.push(node.digest);
        }
    }

    /// Frees what was replaced, and what is over `limit`. Nobody may hold anything of the table.
    pub(super) fn tidy(&mut self, limit: usize) {
        for (root, bytes) in std::mem::take(&mut self.given_up) {
            self.bytes -= bytes;
            // SAFETY: leaked by `put_root`, and no session's any more.
            drop(unsafe { Box::from_raw(root.as_ptr()) });
        }
        for digest in std::mem::take(&mut self.replaced) {
            let is_unused = self.nodes.get(&digest.0).is_some_and(|node| {
                // SAFETY: what the table has is live.
                let node = unsafe { node.as_ref() };
                node.is_listed.set(false);
                node.used.get() == 0
            });
            if is_unused {
                self.free(&digest.0, &mut |_, _| true);
            }
        }
        if self.bytes > limit {
            self.evict(limit / 4 * 3);
        }
    }

    /// Frees everything. Nobody may hold anything of the table.
    pub(super) fn clear(&mut self) {
        for (_, node) in self.nodes.drain() {
            // SAFETY: leaked by `add_node`, and in the table no more. Nodes that hold it do nothing with it when they go.
            drop(unsafe { Box::from_raw(node.as_ptr()) });
        }
        let roots = self.sessions.drain().filter_map(|(_, session)| session.root);
        for root in roots.chain(self.given_up.drain(..).map(|(root, _)| root)) {
            // SAFETY: leaked by `put_root`; no session has it any more. It does nothing with its nodes when it goes.
            drop(unsafe { Box::from_raw(root.as_ptr()) });
        }
        self.replaced.clear();
        self.bytes = 0;
    }

    fn evict(&mut self, target: usize) {
        let mut victims = BinaryHeap::new();
        for (key, session) in &self.sessions {
            victims.push((u64::MAX - session.used, Victim::Session(*key)));
        }
        for (digest, node) in &self.nodes {
            // SAFETY: what the table has is live.
            let node = unsafe { node.as_ref() };
            if node.parents.get() == 0 {
                victims.push((u64::MAX - node.used.get(), Victim::Node(*digest)));
            }
        }
        while self.bytes > target
            && let Some((age, victim)) = victims.pop()
        {
            self.figures.evicted += 1;
            match victim {
                Victim::Session(key) => self.free_session(&key),
                // A node that only this one held was used when this one was.
                Victim::Node(digest) => self.free(&digest, &mut |digest, used| {
                    victims.push((age.min(u64::MAX - used), Victim::Node(digest)));
                    false
                }),
            }
        }
    }

    /// Frees a session, and the nodes that only it held.
    fn free_session(&mut self, key: &SessionKey) {
        let Some(old) = self.sessions.remove(key) else { return };
        self.bytes -= old.counted;
        let Some(root) = old.root else { return };
        // SAFETY: leaked by `put_root`, and no session's any more.
        let root = unsafe { Box::from_raw(root.as_ptr()) };
        for node in root.nodes() {
            // SAFETY: the root has held it until here.
            let node = unsafe { node.as_ref() };
            node.parents.set(node.parents.get() - 1);
            if node.parents.get() == 0 {
                self.free(&node.digest.0, &mut |_, _| true);
            }
        }
    }

    /// Frees a node that no other holds, and then those that only it held, where `and_kid` says so of their digest and
    /// last use.
    fn free(&mut self, digest: &[u8; 16], and_kid: &mut dyn FnMut([u8; 16], u64) -> bool) {
        let mut next = vec![*digest];
        while let Some(digest) = next.pop() {
            let is_free = |node: &NonNull<Node>| {
                // SAFETY: what the table has is live.
                unsafe { node.as_ref() }.parents.get() == 0
            };
            if !self.nodes.get(&digest).is_some_and(is_free) {
                continue;
            }
            let Some(node) = self.nodes.remove(&digest) else { continue };
            // SAFETY: leaked by `add_node`, and in the table no more; no node holds it, and nobody else may.
            let node = unsafe { Box::from_raw(node.as_ptr()) };
            self.bytes -= node.bytes();
            for kid in node.kids() {
                // SAFETY: held by the node until here.
                let kid = unsafe { kid.as_ref() };
                kid.parents.set(kid.parents.get() - 1);
                if kid.parents.get() == 0 && and_kid(kid.digest.0, kid.used.get()) {
                    next.push(kid.digest.0);
                }
            }
        }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Bytes that a session takes without its nodes.
pub(super) fn bytes_of(base: &Base) -> usize {
    base.record().len() + base.listing().map_or(0, |listing| listing.size()) + SESSION_OVERHEAD
}
