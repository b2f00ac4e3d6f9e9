//! Background jobs: work that is stored in the change set that causes it and carried out later, with retries.
//!
//! The version of a job is its fence: a claim raises it, so that a worker that lost its lease can neither finish the
//! job nor commit an effect together with the finish. Completing a job deletes it.

use std::fmt;

use async_trait::async_trait;
use chrono::TimeDelta;
use thiserror::Error;

use super::{
    Page, PageRequest, Record, RecordId as _, RecordKind, Repository, StoreError, Timestamp, UniqueKey, UniqueValue,
    Version, Versioned, id::identifier, names::named,
};

identifier!(
    /// Identifies a [`Job`].
    JobId, "job"
);

/// The kind of a job: a dotted name of 1 to 64 characters `a-z`, `0-9`, `_` and `.`, such as
/// `maintenance.purge_sessions`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobKind(String);

/// A text that is not a job kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must have 1 to {} of the characters a-z, 0-9, _ and .", JobKind::CHARS_MAX)]
pub struct JobKindError;

impl JobKind {
    /// The most characters of a kind.
    pub const CHARS_MAX: usize = 64;

    /// Parses a kind.
    pub fn parse(text: impl Into<String>) -> Result<Self, JobKindError> {
        let text = text.into();
        let is_plain = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'));
        if text.is_empty() || text.len() > Self::CHARS_MAX || !is_plain {
            return Err(JobKindError);
        }
        Ok(Self(text))
    }

    /// Returns the kind as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

named!(
    /// The state of a job.
    JobState {
        /// Scheduled, or held by a worker.
        Open = "open",
        /// Failed in every attempt; kept until an administrator runs it again.
        Dead = "dead",
    }
);

/// A unit of background work that is due at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The identifier.
    pub id: JobId,
    /// The kind of work.
    pub kind: JobKind,
    /// The deduplication key: of the jobs with one kind and key, at most one is open.
    pub dedup_key: Option<String>,
    /// The partition, whose jobs share a concurrency limit so that a slow receiver does not delay others.
    pub partition: Option<String>,
    /// The parameters as JSON; the shape depends on the kind.
    pub payload: String,
    /// The priority: of the jobs that are due, those with the smallest value are claimed first.
    pub priority: u8,
    /// The time of the next attempt.
    pub run_at: Timestamp,
    /// The number of claims.
    pub attempts: u32,
    /// The number of attempts after which the job is dead.
    pub attempts_max: u32,
    /// The time until which a worker holds the job.
    pub lease_until: Option<Timestamp>,
    /// The state.
    pub state: JobState,
    /// The error of the last attempt.
    pub last_error: Option<String>,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The version, raised by every change and claim: the fence.
    pub version: Version,
}

impl Job {
    /// The unique key of open jobs: kind and deduplication key.
    pub const DEDUP_KEY: UniqueKey = UniqueKey::new("job key");
    /// The default number of attempts.
    pub const ATTEMPTS_MAX_DEFAULT: u32 = 10;
    /// The default priority.
    pub const PRIORITY_DEFAULT: u8 = 100;
    /// The most characters of an error that are stored.
    pub const ERROR_CHARS_MAX: usize = 2_000;
    /// The error of a job whose last attempt ended without a result, unless an earlier one has left an error.
    pub const NEVER_FINISHED: &str = "the last attempt never finished";

    /// Makes a job that is due at `run_at`, with default priority and attempts.
    pub fn new(id: JobId, kind: JobKind, payload: String, run_at: Timestamp, now: Timestamp) -> Self {
        Self {
            id,
            kind,
            dedup_key: None,
            partition: None,
            payload,
            priority: Self::PRIORITY_DEFAULT,
            run_at,
            attempts: 0,
            attempts_max: Self::ATTEMPTS_MAX_DEFAULT,
            lease_until: None,
            state: JobState::Open,
            last_error: None,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        }
    }

    /// Returns true if a worker holds the job at `now`.
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.lease_until.is_some_and(|until| until > now)
    }

    /// Returns true if the job is open, due and held by no worker.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.state == JobState::Open && self.run_at <= now && !self.is_leased(now)
    }

    /// Returns the job after a claim: held by a worker, or dead if its attempts are used up because the worker of the
    /// last attempt never finished it.
    #[must_use]
    pub fn claimed(&self, now: Timestamp, lease_until: Timestamp) -> Self {
        let mut job = self.changed(now);
        if job.attempts >= job.attempts_max {
            job.state = JobState::Dead;
            job.last_error = Some(job.last_error.unwrap_or_else(|| Self::NEVER_FINISHED.to_owned()));
        } else {
            job.attempts += 1;
            job.lease_until = Some(lease_until);
        }
        job
    }

    /// Returns the job after a failed attempt: due again after `delay`, or dead if that was the last attempt.
    #[must_use]
    pub fn failed(&self, error: &str, now: Timestamp, delay: TimeDelta) -> Self {
        let mut job = self.changed(now);
        job.last_error = Some(error.chars().take(Self::ERROR_CHARS_MAX).collect());
        job.run_at = now + delay;
        if job.attempts >= job.attempts_max {
            job.state = JobState::Dead;
        }
        job
    }

    /// Returns the job after a worker returned it without an attempt.
    #[must_use]
    pub fn handed_back(&self, now: Timestamp) -> Self {
        let mut job = self.changed(now);
        job.attempts = job.attempts.saturating_sub(1);
        job
    }

    /// Returns the job open and due now, with all its attempts.
    #[must_use]
    pub fn run_again(&self, now: Timestamp) -> Self {
        let mut job = self.changed(now);
        job.state = JobState::Open;
        job.attempts = 0;
        job.run_at = now;
        job
    }

    /// Returns the job without a lease, with the next version.
    fn changed(&self, now: Timestamp) -> Self {
        Self { lease_until: None, updated_at: now, version: self.version.next(), ..self.clone() }
    }
}

impl Record for Job {
    type Id = JobId;
    const KIND: RecordKind = JobId::KIND;

    fn id(&self) -> JobId {
        self.id
    }

    fn unique_values(&self) -> Vec<UniqueValue> {
        let open = self.dedup_key.iter().filter(|_| self.state == JobState::Open);
        open.map(|key| UniqueValue::new(Self::DEDUP_KEY, [self.kind.as_str().as_bytes(), key.as_bytes()])).collect()
    }
}

impl Versioned for Job {
    fn version(&self) -> Version {
        self.version
    }
}

/// The jobs that a worker asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobClaim {
    /// The kinds.
    pub kinds: Vec<JobKind>,
    /// The kinds and partitions to leave out, because they have reached their concurrency limit.
    pub busy_partitions: Vec<(JobKind, String)>,
    /// The current time.
    pub now: Timestamp,
    /// The time until which the worker holds the jobs.
    pub lease_until: Timestamp,
    /// The most jobs to claim.
    pub jobs_max: u32,
}

impl JobClaim {
    /// Returns true if the worker asks for a job.
    pub fn matches(&self, job: &Job) -> bool {
        let is_busy = |(kind, partition): &(JobKind, String)| {
            *kind == job.kind && job.partition.as_deref() == Some(partition.as_str())
        };
        job.is_due(self.now) && self.kinds.contains(&job.kind) && !self.busy_partitions.iter().any(is_busy)
    }
}

/// The conditions of a list of jobs; an absent condition matches every job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Matches jobs of this kind.
    pub kind: Option<JobKind>,
    /// Matches jobs in this state.
    pub state: Option<JobState>,
}

impl JobFilter {
    /// Returns true if a job fulfils every condition.
    pub fn matches(&self, job: &Job) -> bool {
        self.kind.as_ref().is_none_or(|kind| *kind == job.kind) && self.state.is_none_or(|state| state == job.state)
    }
}

/// The numbers of jobs of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobCounts {
    /// The kind.
    pub kind: JobKind,
    /// The number of open jobs.
    pub open: u64,
    /// The number of dead jobs.
    pub dead: u64,
    /// The earliest `run_at` of an open job.
    pub oldest_run_at: Option<Timestamp>,
}

/// Claims and reads jobs.
#[async_trait]
pub trait JobQueue: Repository<Job> {
    /// Claims jobs and returns them as they are now stored, ordered by priority and then by `run_at`, the smallest
    /// first.
    ///
    /// - MUST claim exactly jobs for which [`JobClaim::matches`] is true, at most `jobs_max`, and store each as
    ///   [`Job::claimed`] returns it, durably before the call returns.
    /// - MUST NOT return a job for which [`Job::claimed`] sets the state to dead.
    /// - MUST give a job to only one of several concurrent callers.
    async fn claim(&self, claim: &JobClaim) -> Result<Vec<Job>, StoreError>;

    /// Returns a page of the jobs that a filter matches, the newest first.
    ///
    /// - MUST contain exactly the jobs for which [`JobFilter::matches`] is true.
    /// - MUST order by id and count as other lists do.
    async fn list(&self, filter: &JobFilter, page: PageRequest<JobId>) -> Result<Page<Job>, StoreError>;

    /// Returns the numbers of jobs of each kind that has any, ordered by kind.
    async fn counts(&self) -> Result<Vec<JobCounts>, StoreError>;
}
