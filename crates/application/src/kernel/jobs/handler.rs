//! What the jobs of one kind do.

use std::error::Error;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    kernel::{Job, JobKind},
    write::ChangeSet,
};

use super::Backoff;

/// Why an attempt failed. Its text is stored with the job.
pub type JobFailure = Box<dyn Error + Send + Sync>;

/// Does the work of the jobs of one kind.
#[async_trait]
pub trait JobHandler: Send + Sync {
    /// Returns the kind.
    fn kind(&self) -> JobKind;

    /// Returns how the jobs are run.
    fn policy(&self) -> JobPolicy {
        JobPolicy::default()
    }

    /// Does the work of a job, and returns the changes that are committed together with its completion: they are stored
    /// exactly once, whatever happens.
    ///
    /// - MUST expect to be called again for the same job: after a failure, after its lease has expired, and after the
    ///   process was stopped. Effects outside the store need an identifier by which the receiver recognises them, such as
    ///   the job's.
    /// - MUST NOT block the thread.
    async fn run(&self, job: &Job) -> Result<ChangeSet, JobFailure>;
}

/// How the jobs of one kind are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobPolicy {
    /// How many of them one process runs at a time.
    pub running_max: usize,
    /// How many of one partition one process runs at a time.
    pub partition_running_max: usize,
    /// How long a worker holds a job. An attempt that takes longer is cancelled and fails.
    pub lease: TimeDelta,
    /// How long a failed job waits.
    pub backoff: Backoff,
    /// For a periodic job, the time from its completion to its next run. One such job exists, whose key is the kind.
    pub period: Option<TimeDelta>,
}

impl Default for JobPolicy {
    fn default() -> Self {
        Self {
            running_max: 8,
            partition_running_max: 2,
            lease: TimeDelta::minutes(1),
            backoff: Backoff::default(),
            period: None,
        }
    }
}

impl JobPolicy {
    /// Makes the policy of a periodic job, which waits for no longer than its period after a failure.
    pub fn every(period: TimeDelta) -> Self {
        let backoff = Backoff { max: period, ..Backoff::default() };
        Self { running_max: 1, partition_running_max: 1, backoff, period: Some(period), ..Self::default() }
    }
}

/// Makes a kind of a name in the code.
pub(crate) fn job_kind(name: &'static str) -> JobKind {
    #[expect(
        clippy::expect_used,
        reason = "names in the code have the form of kinds, which their handlers' tests prove"
    )]
    JobKind::parse(name).expect("a name in the code has the form of a kind")
}
