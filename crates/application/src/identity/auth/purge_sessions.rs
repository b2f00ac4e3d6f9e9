//! The periodic job that deletes ended sessions.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    kernel::{Job, JobKind},
    write::ChangeSet,
};

use super::Auth;
use crate::kernel::{JobFailure, JobHandler, JobPolicy, Principal, job_kind};

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
