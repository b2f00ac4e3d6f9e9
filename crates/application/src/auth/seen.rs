//! When sessions and API tokens were last heard of, written down later and together: a request costs no write.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

use chrono::TimeDelta;
use incident_domain::{ApiTokenId, Change, ChangeSet, SessionId, Timestamp, ports::CommitError};

use super::Auth;

/// How much later than written down somebody must be heard of to be worth a write.
const WORTH_A_WRITE: TimeDelta = TimeDelta::seconds(60);

/// How many are written in one change set.
const TOUCHES_PER_SET_MAX: usize = 500;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Seen {
    Session(SessionId),
    ApiToken(ApiTokenId),
}

/// Who was heard of and not written down yet. It holds no more than there are sessions and tokens that were
/// read from the store since the last time.
#[derive(Default)]
pub(super) struct SeenLater(Mutex<HashMap<Seen, Timestamp>>);

impl SeenLater {
    /// Notes that somebody was heard of, if that is news to the store.
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
    /// Writes down when sessions and API tokens were last heard of. To be called every few seconds, and once more
    /// before the end. What cannot be written is noted again when it is heard of the next time.
    pub async fn write_down_seen(&self) -> Result<(), CommitError> {
        let changes: Vec<Change> = self.seen.take().into_iter().map(|(seen, at)| touch(seen, at)).collect();
        for some in changes.chunks(TOUCHES_PER_SET_MAX) {
            self.ports.store.commit(some.iter().cloned().collect::<ChangeSet>()).await?;
        }
        Ok(())
    }

    /// Takes away sessions that ended so long ago that nobody asks about them any more, a limited number at a
    /// time. To be called every few minutes.
    pub async fn purge_sessions(&self) -> Result<(), CommitError> {
        let ended_before = self.ports.clock.now() - ENDED_SESSIONS_KEPT;
        let purge = Change::PurgeSessions { ended_before, sessions_max: PURGED_SESSIONS_MAX };
        self.ports.store.commit(ChangeSet::new().with(purge)).await
    }
}

/// How long ended sessions are kept for whoever looks into what happened.
const ENDED_SESSIONS_KEPT: TimeDelta = TimeDelta::days(30);

/// How many sessions go at a time, so that nobody waits long for the store meanwhile.
const PURGED_SESSIONS_MAX: u32 = 200;

const fn touch(seen: Seen, at: Timestamp) -> Change {
    match seen {
        Seen::Session(id) => Change::TouchSession { id, seen_at: at },
        Seen::ApiToken(id) => Change::TouchApiToken { id, used_at: at },
    }
}
