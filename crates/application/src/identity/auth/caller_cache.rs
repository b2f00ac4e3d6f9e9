//! Callers that were recognised a moment ago, so that most requests of a signed-in user need no read of the store.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::TimeDelta;
use incident_domain::{
    identity::{ApiToken, Session, TokenHash, User},
    kernel::{SessionId, Timestamp},
};
use moka::sync::Cache;

/// How many callers are kept at most; others are read again.
const CALLERS_MAX: u64 = 100_000;

/// How long a caller that was read may be used: a session that another replica ends is refused here at the latest after
/// this time. Half of the promised second, so that a clock that is set back meanwhile does no harm.
const LIFETIME: TimeDelta = TimeDelta::milliseconds(500);

/// What a caller sends to be recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Credential {
    Session(SessionId),
    ApiToken(TokenHash),
}

/// What the store holds for a credential.
#[derive(Clone, Debug)]
pub(super) enum Cached {
    Session(Arc<(Session, User)>),
    ApiToken(Arc<(ApiToken, User)>),
}

#[derive(Clone)]
struct Entry {
    cached: Cached,
    reading: Reading,
}

/// Callers that were recognised a moment ago. Every change of a user or of sessions clears it: changes are rare, and its
/// entries are read again twice a second anyway.
pub struct CallerCache {
    entries: Cache<Credential, Entry>,
    generation: AtomicU64,
}

impl Default for CallerCache {
    fn default() -> Self {
        Self { entries: Cache::new(CALLERS_MAX), generation: AtomicU64::new(0) }
    }
}

/// Taken before the store is read: what was read before the cache was cleared is not used after it.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    read_at: Timestamp,
    generation: u64,
}

impl CallerCache {
    /// Forgets all callers. To be called when a change has been committed.
    pub(crate) fn clear(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn get(&self, credential: &Credential, now: Timestamp) -> Option<Cached> {
        let Entry { cached, reading } = self.entries.get(credential)?;
        let age = now - reading.read_at;
        let is_fresh = TimeDelta::zero() <= age && age < LIFETIME;
        (is_fresh && reading.generation == self.generation.load(Ordering::SeqCst)).then_some(cached)
    }

    pub(super) fn begin_reading(&self, now: Timestamp) -> Reading {
        Reading { read_at: now, generation: self.generation.load(Ordering::SeqCst) }
    }

    pub(super) fn insert(&self, credential: Credential, cached: Cached, reading: Reading) {
        self.entries.insert(credential, Entry { cached, reading });
    }
}

impl fmt::Debug for CallerCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallerCache").finish_non_exhaustive()
    }
}
