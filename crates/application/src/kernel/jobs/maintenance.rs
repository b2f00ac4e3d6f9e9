//! The periodic job that deletes expired replies.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    kernel::{Job, JobKind},
    write::ChangeSet,
};

use super::{JobFailure, JobHandler, JobPolicy, handler::job_kind};
use crate::kernel::{Principal, Replies};

/// Deletes replies that have expired, every minute: `maintenance.purge_replies`.
pub struct PurgeReplies(pub Arc<Replies>);

#[async_trait]
impl JobHandler for PurgeReplies {
    fn kind(&self) -> JobKind {
        job_kind("maintenance.purge_replies")
    }

    fn policy(&self) -> JobPolicy {
        JobPolicy::every(TimeDelta::minutes(1))
    }

    async fn run(&self, _: &Job) -> Result<ChangeSet, JobFailure> {
        self.0.purge(&Principal::system()).await?;
        Ok(ChangeSet::new())
    }
}
