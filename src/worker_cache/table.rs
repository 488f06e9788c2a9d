//! The nodes and sessions that a thread has in its cache, and which of them go when it is full.

use std::{
    collections::{BinaryHeap, HashMap},
    hash::{BuildHasherDefault, Hasher},
    ptr::NonNull,
};

use holdfast_core::codec::Digest;
use holdfast_core::key::Key;
use holdfast_core::session::Base;

use super::node::Node;

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
    /// The digest of its root.
    root: Option<Digest>,
    used: u64,
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
    /// Roots that no session has any more.
    replaced: Vec<Digest>,
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

    /// Nodes and sessions.
    pub(super) fn entries(&self) -> (usize, usize) {
        (self.nodes.len(), self.sessions.len())
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

    /// Is this what is remembered of the session?
    pub(super) fn has_base(&self, store: u64, base: &Base) -> bool {
        self.sessions.get(&(store, *base.key().as_bytes())).is_some_and(|session| session.base.is(base))
    }

    /// Remembers what the store has of a session.
    pub(super) fn put_base(&mut self, store: u64, base: &Base) {
        let root = base.root_digest();
        let new = CachedSession { base: base.clone(), root, used: self.tick() };
        self.bytes += bytes_of(base);
        if let Some(old) = self.sessions.insert((store, *base.key().as_bytes()), new) {
            self.bytes -= bytes_of(&old.base);
            if old.root != root {
                self.note_replaced(old.root);
            }
        }
    }

    /// Forgets a session. What of it nobody else has goes after the request.
    pub(super) fn forget(&mut self, store: u64, key: &Key) {
        if let Some(old) = self.sessions.remove(&(store, *key.as_bytes())) {
            self.bytes -= bytes_of(&old.base);
            self.note_replaced(old.root);
        }
    }

    /// A session has another root by now. The list is as long as there are nodes at most, however long a request runs.
    fn note_replaced(&mut self, root: Option<Digest>) {
        if let Some(root) = root
            && let Some(node) = self.nodes.get(&root.0)
        {
            // SAFETY: what the table has is live.
            let node = unsafe { node.as_ref() };
            node.used.set(0);
            if !node.is_listed.replace(true) {
                self.replaced.push(root);
            }
        }
    }

    /// Frees what was replaced, and what is over `limit`. Nobody may hold anything of the table.
    pub(super) fn tidy(&mut self, limit: usize) {
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
        self.sessions.clear();
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
                Victim::Session(key) => {
                    if let Some(old) = self.sessions.remove(&key) {
                        self.bytes -= bytes_of(&old.base);
                    }
                }
                // A node that only this one held was used when this one was.
                Victim::Node(digest) => self.free(&digest, &mut |digest, used| {
                    victims.push((age.min(u64::MAX - used), Victim::Node(digest)));
                    false
                }),
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
    base.record().len() + SESSION_OVERHEAD
}
