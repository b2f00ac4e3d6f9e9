//! Storing when sessions and tokens were last used, and deleting ended sessions.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    kernel::{Job, JobKind, Timestamp},
    write::{Change, ChangeSet},
};

use super::{Auth, AuthError, last_seen::Seen};
use crate::kernel::{Decision, JobFailure, JobHandler, JobPolicy, Permission, Principal, job_kind};

/// How many times are stored in one change set.
const TOUCHES_PER_SET_MAX: usize = 500;

/// How long ended sessions are kept for audits.
const ENDED_SESSIONS_KEPT: TimeDelta = TimeDelta::days(30);

/// How many sessions are deleted at a time, so that other writers do not wait long.
const PURGED_SESSIONS_MAX: u32 = 200;

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

/// Deletes sessions that ended long ago, every minute: `maintenance.purge_sessions`.
pub struct PurgeSessions(pub Arc<Auth>);

#[async_trait]
impl JobHandler for PurgeSessions {
    fn kind(&self) -> JobKind {
        job_kind("maintenance.purge_sessions")
    }

    fn policy(&self) -> JobPolicy {
        JobPolicy::every(TimeDelta::minutes(1))
    }

    async fn run(&self, _: &Job) -> Result<ChangeSet, JobFailure> {
        self.0.purge_sessions(&Principal::system()).await?;
        Ok(ChangeSet::new())
    }
}
