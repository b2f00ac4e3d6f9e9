//! Who was recognised a moment ago, so that the usual request of a signed-in user needs no look at the store.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::TimeDelta;
use incident_domain::{ApiToken, Session, SessionId, Timestamp, TokenHash, User};
use moka::sync::Cache;

/// How many are remembered at most; others are looked up again.
const CALLERS_MAX: u64 = 100_000;

/// How long what was read may be used: a session that another replica ends is refused here after so long at
/// most. Half of the second that is promised, so that a clock which is set back meanwhile does no harm.
const FRESH: TimeDelta = TimeDelta::milliseconds(500);

/// What somebody showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Credential {
    Session(SessionId),
    ApiToken(TokenHash),
}

/// What it stands for.
#[derive(Clone, Debug)]
pub(super) enum Grant {
    Session(Arc<(Session, User)>),
    ApiToken(Arc<(ApiToken, User)>),
}

#[derive(Clone)]
struct Entry {
    grant: Grant,
    read_at: Timestamp,
    generation: u64,
}

/// Those who were recognised a moment ago. Whatever changes a user, or ends sessions, forgets them all: that is
/// rare, and looking all of them up again is what happens twice a second anyway.
pub struct RecognisedCallers {
    entries: Cache<Credential, Entry>,
    generation: AtomicU64,
}

impl Default for RecognisedCallers {
    fn default() -> Self {
        Self { entries: Cache::new(CALLERS_MAX), generation: AtomicU64::new(0) }
    }
}

/// Taken before the store is read: what was read after somebody else's change began is not remembered.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    read_at: Timestamp,
    generation: u64,
}

impl RecognisedCallers {
    /// Nobody is recognised without a look at the store from now on. To be called when a change has been
    /// committed.
    pub(crate) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn get(&self, credential: &Credential, now: Timestamp) -> Option<Grant> {
        let entry = self.entries.get(credential)?;
        let age = now - entry.read_at;
        let is_fresh = TimeDelta::zero() <= age && age < FRESH;
        (is_fresh && entry.generation == self.generation.load(Ordering::SeqCst)).then_some(entry.grant)
    }

    pub(super) fn begin_reading(&self, now: Timestamp) -> Reading {
        Reading { read_at: now, generation: self.generation.load(Ordering::SeqCst) }
    }

    pub(super) fn remember(&self, credential: Credential, grant: Grant, reading: Reading) {
        let Reading { read_at, generation } = reading;
        self.entries.insert(credential, Entry { grant, read_at, generation });
    }
}

impl std::fmt::Debug for RecognisedCallers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecognisedCallers").finish_non_exhaustive()
    }
}
