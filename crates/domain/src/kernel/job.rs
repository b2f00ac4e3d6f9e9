//! Background jobs: work that is stored in the change set that causes it and carried out later, with retries.
//!
//! A job is a record like others. Its version is its fence: a claim raises it, so that a worker that lost its lease
//! can neither finish the job nor commit an effect together with the finish. Completing a job deletes it.

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

/// What a job does, by a dotted name of 1 to 64 characters `a-z`, `0-9`, `_` and `.`: `maintenance.purge_sessions`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobKind(String);

/// A text that is not the name of a kind of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must have 1 to {} of the characters a-z, 0-9, _ and .", JobKind::CHARS_MAX)]
pub struct JobKindError;

impl JobKind {
    /// The most characters.
    pub const CHARS_MAX: usize = 64;

    /// Parses a name.
    pub fn parse(text: impl Into<String>) -> Result<Self, JobKindError> {
        let text = text.into();
        let is_plain = text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.'));
        if text.is_empty() || text.len() > Self::CHARS_MAX || !is_plain {
            return Err(JobKindError);
        }
        Ok(Self(text))
    }

    /// Returns the name.
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
    /// Whether a job will still be tried.
    JobState {
        /// It waits for its time, or a worker holds it.
        Open = "open",
        /// Every attempt failed. It is kept until an administrator runs it again.
        Dead = "dead",
    }
);

/// A piece of work to be done once, at or after a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The identifier.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// Of jobs of a kind with the same key, one can be open at a time.
    pub dedup_key: Option<String>,
    /// Jobs of one partition share a limit of how many run at once, so that a slow receiver does not delay others.
    pub partition: Option<String>,
    /// What the work needs to know, as JSON; its shape depends on the kind.
    pub payload: String,
    /// The smaller, the sooner among jobs that are due.
    pub priority: u8,
    /// When it is to be tried next.
    pub run_at: Timestamp,
    /// How often it was claimed.
    pub attempts: u32,
    /// After how many attempts it is dead.
    pub attempts_max: u32,
    /// Until when a worker holds it.
    pub lease_until: Option<Timestamp>,
    /// Whether it will still be tried.
    pub state: JobState,
    /// Why the last attempt failed.
    pub last_error: Option<String>,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts its changes, claims among them: the fence.
    pub version: Version,
}

impl Job {
    /// Of jobs of one kind with one key, one can be open.
    pub const DEDUP_KEY: UniqueKey = UniqueKey::new("job key");
    /// How often a job is tried unless it says otherwise.
    pub const ATTEMPTS_MAX_DEFAULT: u32 = 10;
    /// The priority of a job unless it says otherwise.
    pub const PRIORITY_DEFAULT: u8 = 100;
    /// The most characters that are kept of an error.
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

    /// Returns true if a worker holds it at this moment.
    pub fn is_leased(&self, now: Timestamp) -> bool {
        self.lease_until.is_some_and(|until| until > now)
    }

    /// Returns true if it is open, due, and held by no worker.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.state == JobState::Open && self.run_at <= now && !self.is_leased(now)
    }

    /// Returns the job as a claim leaves it: held by a worker, or dead if its attempts are used up, which happens when
    /// the worker of the last attempt never finished it.
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

    /// Returns the job after a worker gave it back without having tried it.
    #[must_use]
    pub fn handed_back(&self, now: Timestamp) -> Self {
        let mut job = self.changed(now);
        job.attempts = job.attempts.saturating_sub(1);
        job
    }

    /// Returns the job open again and due now, with all its attempts.
    #[must_use]
    pub fn run_again(&self, now: Timestamp) -> Self {
        let mut job = self.changed(now);
        job.state = JobState::Open;
        job.attempts = 0;
        job.run_at = now;
        job
    }

    /// Returns the job held by nobody, one version further.
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

/// Which jobs a worker wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobClaim {
    /// Of these kinds.
    pub kinds: Vec<JobKind>,
    /// Of no such kind and partition: as many of these run as may.
    pub busy_partitions: Vec<(JobKind, String)>,
    /// What is due at this moment.
    pub now: Timestamp,
    /// Until when the worker holds them.
    pub lease_until: Timestamp,
    /// The most jobs.
    pub jobs_max: u32,
}

impl JobClaim {
    /// Returns true if a job is one that the worker wants.
    pub fn matches(&self, job: &Job) -> bool {
        let is_busy = |(kind, partition): &(JobKind, String)| {
            *kind == job.kind && job.partition.as_deref() == Some(partition.as_str())
        };
        job.is_due(self.now) && self.kinds.contains(&job.kind) && !self.busy_partitions.iter().any(is_busy)
    }
}

/// Which jobs are wanted; what is not given lets every job pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// Those of this kind.
    pub kind: Option<JobKind>,
    /// Those in this state.
    pub state: Option<JobState>,
}

impl JobFilter {
    /// Returns true if a job is among those wanted.
    pub fn matches(&self, job: &Job) -> bool {
        self.kind.as_ref().is_none_or(|kind| *kind == job.kind) && self.state.is_none_or(|state| state == job.state)
    }
}

/// How the jobs of one kind stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobCounts {
    /// The kind.
    pub kind: JobKind,
    /// How many are open.
    pub open: u64,
    /// How many are dead.
    pub dead: u64,
    /// The `run_at` of the open job that has waited longest, or will be due first.
    pub oldest_run_at: Option<Timestamp>,
}

/// Claims and reads jobs.
#[async_trait]
pub trait JobQueue: Repository<Job> {
    /// Claims jobs and returns them as they are now stored, those with the smallest priority first, of equal ones those
    /// that are due longest.
    ///
    /// - MUST claim exactly jobs for which [`JobClaim::matches`] is true, at most `jobs_max`, and store each as
    ///   [`Job::claimed`] makes it, durable before it answers.
    /// - MUST NOT return a job that [`Job::claimed`] made dead.
    /// - MUST give a job to one of several concurrent callers.
    async fn claim(&self, claim: &JobClaim) -> Result<Vec<Job>, StoreError>;

    /// Returns a page of the jobs that a filter matches, the newest first.
    ///
    /// - MUST contain exactly the jobs for which [`JobFilter::matches`] is true.
    /// - MUST order by id and count as other lists do.
    async fn list(&self, filter: &JobFilter, page: PageRequest<JobId>) -> Result<Page<Job>, StoreError>;

    /// Returns how the jobs of each kind stand that has any, by kind.
    async fn counts(&self) -> Result<Vec<JobCounts>, StoreError>;
}
