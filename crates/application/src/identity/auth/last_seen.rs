//! When sessions and API tokens were last used. The times are collected in memory and stored together, so that a request
//! costs no write.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

use chrono::TimeDelta;
use incident_domain::{
    kernel::{ApiTokenId, SessionId, Timestamp},
    write::{Change, ChangeSet},
};

use super::{Auth, AuthError};
use crate::kernel::{Decision, Permission, Principal};

/// How much later than stored a use must be to be stored.
const WORTH_A_WRITE: TimeDelta = TimeDelta::seconds(60);

/// How many times are stored in one change set.
const TOUCHES_PER_SET_MAX: usize = 500;

/// How long ended sessions are kept for audits.
const ENDED_SESSIONS_KEPT: TimeDelta = TimeDelta::days(30);

/// How many sessions are deleted at a time, so that other writers do not wait long.
const PURGED_SESSIONS_MAX: u32 = 200;

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

    fn take(&self) -> HashMap<Seen, Timestamp> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Auth {
    /// Stores when sessions and API tokens were last used. To be called every few seconds, and once before the process
    /// ends. A time that cannot be stored is noted again at the next use.
    pub async fn flush_last_seen(&self) -> Result<(), AuthError> {
        let changes: Vec<Change> = self.last_seen.take().into_iter().map(|(seen, at)| touch(seen, at)).collect();
        for changes in changes.chunks(TOUCHES_PER_SET_MAX) {
            let changes = || changes.iter().cloned().collect::<ChangeSet>();
            self.runner.commit(|_| async { Ok(Decision::audited(changes(), ())) }).await?;
        }
        Ok(())
    }

    /// Deletes sessions that ended long ago, a limited number at a time.
    pub async fn purge_sessions(&self, caller: &Principal) -> Result<(), AuthError> {
        caller.require(Permission::RunMaintenance)?;
        let purge = |now| {
            let ended_before = now - ENDED_SESSIONS_KEPT;
            ChangeSet::new().with(Change::PurgeSessions { ended_before, sessions_max: PURGED_SESSIONS_MAX })
        };
        self.runner.commit(|now| async move { Ok(Decision::audited(purge(now), ())) }).await
    }
}

const fn touch(seen: Seen, at: Timestamp) -> Change {
    match seen {
        Seen::Session(id) => Change::TouchSession { id, seen_at: at },
        Seen::ApiToken(id) => Change::TouchApiToken { id, used_at: at },
    }
}
