//! When sessions and API tokens were last used. The times are collected in memory and stored together, so that a request
//! costs no write.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

use chrono::TimeDelta;
use incident_domain::kernel::{ApiTokenId, SessionId, Timestamp};

/// How much later than stored a use must be to be stored.
const WORTH_A_WRITE: TimeDelta = TimeDelta::seconds(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Seen {
    Session(SessionId),
    ApiToken(ApiTokenId),
}

/// The times that are not stored yet. It holds no more than there are sessions and tokens that were read from the store
/// since the last flush.
#[derive(Default)]
pub(super) struct LastSeen(Mutex<HashMap<Seen, Timestamp>>);

impl LastSeen {
    /// Notes that a session or token is used now, if the stored time is old enough.
    pub(super) fn note(&self, seen: Seen, stored: Option<Timestamp>, now: Timestamp) {
        if stored.is_none_or(|stored| now - stored >= WORTH_A_WRITE) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(seen, now);
        }
    }

    pub(super) fn take(&self) -> HashMap<Seen, Timestamp> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
