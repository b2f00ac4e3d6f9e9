//! Looking at jobs as an administrator, and running them again.

use std::sync::Arc;

use incident_domain::kernel::{
    Audience, Conflict, Job, JobCounts, JobFilter, JobId, JobQueue, Page, PageRequest, Role,
};
use serde_json::{Value, json};
use thiserror::Error;

use super::JobWaker;
use crate::kernel::{
    Command, CommandError, CommandRunner, Precondition, Principal, Published, QueryError, RecordCommand, Rule, existing,
};

/// Why a command on a job was not carried out.
pub type JobError = CommandError<JobRule>;

/// A rule of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum JobRule {
    /// Another job with the same key is open, and does the work of this one.
    #[error("another job with the same key is open")]
    Superseded,
}

impl Rule for JobRule {
    fn code(&self) -> Option<&'static str> {
        match self {
            Self::Superseded => Some("job_superseded"),
        }
    }

    fn broken_by(conflict: Conflict) -> Option<Self> {
        (conflict == Conflict::Duplicate(Job::DEDUP_KEY)).then_some(Self::Superseded)
    }
}

impl Published for Job {
    const COLLECTION: &'static str = "jobs";
    const AUDIENCE: Audience = Audience::Administrators;

    fn payload(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "kind": self.kind.as_str(),
            "state": self.state.as_str(),
            "version": self.version.get(),
        })
    }
}

/// The use cases of jobs.
pub struct Jobs {
    runner: Arc<CommandRunner>,
    queue: Arc<dyn JobQueue>,
    waker: JobWaker,
}

impl Jobs {
    /// Makes a service over these ports. `waker` wakes the runner of jobs in this process.
    pub const fn new(runner: Arc<CommandRunner>, queue: Arc<dyn JobQueue>, waker: JobWaker) -> Self {
        Self { runner, queue, waker }
    }

    /// Returns a page of jobs, the newest first.
    pub async fn list(
        &self,
        caller: &Principal,
        filter: &JobFilter,
        page: PageRequest<JobId>,
    ) -> Result<Page<Job>, QueryError> {
        caller.require(Role::Admin)?;
        Ok(self.queue.list(filter, page).await?)
    }

    /// Returns how many jobs of each kind there are.
    pub async fn counts(&self, caller: &Principal) -> Result<Vec<JobCounts>, QueryError> {
        caller.require(Role::Admin)?;
        Ok(self.queue.counts().await?)
    }

    /// Returns one job.
    pub async fn get(&self, caller: &Principal, id: JobId) -> Result<Job, QueryError> {
        caller.require(Role::Admin)?;
        existing(self.queue.find(id).await?)
    }

    /// Makes a job due now, with all its attempts, whether it is dead or waits. A job that a worker holds stays as it is.
    pub async fn run_again(
        &self,
        command: Command<'_, Job>,
        id: JobId,
        precondition: &Precondition,
    ) -> Result<Job, JobError> {
        let (kind, right) = ("job.run_again", Role::Admin.into());
        let about = RecordCommand { kind, change: "run_again", right, id, precondition };
        let find = || async move { Ok(existing(self.queue.find(id).await?)?) };
        let run_again = |job: &Job, now| if job.is_leased(now) { job.clone() } else { job.run_again(now) };
        self.runner.change(&command, about, find, run_again).await.inspect(|_| self.waker.wake())
    }
}
