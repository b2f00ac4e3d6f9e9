//! Background jobs.

use chrono::{DateTime, Utc};
use futures::Stream;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{collection::resource, error::ClientError, fields::fields, names::names};

names! {
    /// The state of a job.
    JobState {
        /// Waiting, or held by a worker.
        Open,
        /// Failed in every attempt.
        Dead,
    }
}

/// A unit of the server's background work. Completed jobs are deleted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Job {
    pub id: Uuid,
    /// The kind of work, such as `maintenance.purge_sessions`.
    pub kind: String,
    pub state: JobState,
    /// Of the jobs with one kind and key, at most one is open.
    pub dedup_key: Option<String>,
    /// The jobs of one partition share a concurrency limit.
    pub partition: Option<String>,
    /// The parameters; their form depends on the kind.
    pub payload: Value,
    /// Of the jobs that are due, those with the smallest value run first.
    pub priority: u8,
    /// When the next attempt is due.
    pub run_at: DateTime<Utc>,
    /// The number of attempts so far.
    pub attempts: u32,
    /// The number of attempts after which the job is dead.
    pub attempts_max: u32,
    /// Until when a worker holds the job, if one does.
    pub lease_until: Option<DateTime<Utc>>,
    /// The error of the last attempt that failed.
    pub last_error: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: u32,
}

fields! {
    /// Conditions on jobs, joined by "and". The default is all jobs.
    JobFilter {
        /// Jobs of this kind, such as `maintenance.purge_sessions`.
        kind: &str,
        /// Jobs in this state.
        state: JobState,
        /// The number of jobs fetched at a time, from 1 to 200.
        page_size: u32,
    }
}

resource! {
    /// Background jobs, for administrators.
    jobs() -> Jobs of Job at ["jobs"];
    Read {}
}

impl Jobs {
    /// Streams the jobs that fulfil a filter, the newest first. Each page is fetched when it is needed.
    pub fn list(&self, filter: &JobFilter) -> impl Stream<Item = Result<Job, ClientError>> + use<> {
        self.transport.items(Self::path(&[]), filter.as_ref().clone())
    }

    /// Makes a job due now, with all its attempts, whether it is dead or waiting. A job that a worker holds is not changed.
    pub async fn run_again(&self, job: Uuid) -> Result<Job, ClientError> {
        self.transport.post(&Self::item(job, &["run-again"]), &json!({})).await
    }
}
