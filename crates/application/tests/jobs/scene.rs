//! An in-memory job queue, and handlers defined by tests.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures::future::BoxFuture;
use incident_application::kernel::{
    Backoff, JobEvent, JobFailure, JobHandler, JobMetrics, JobPolicy, JobPorts, JobRunner, JobSettings, JobWaker,
};
use incident_domain::{
    kernel::{
        Audience, Clock, Event, EventId, EventLog, IdGenerator, Job, JobCounts, JobFilter, JobId, JobKind, JobQueue,
        PageRequest, PageSize, RecordId, Repository, StoreError,
    },
    write::{ChangeSet, CommitError, Store},
};
use incident_memory::{ManualClock, MemoryStore, SequentialIds};

pub(crate) struct Scene {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pub(crate) metrics: Arc<RecordedMetrics>,
    pub(crate) waker: JobWaker,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            memory: Arc::new(MemoryStore::new()),
            clock: Arc::new(ManualClock::at("2026-01-31T12:00:00Z".parse().expect("a time"))),
            ids: Arc::new(SequentialIds::new()),
            metrics: Arc::default(),
            waker: JobWaker::default(),
        }
    }

    pub(crate) fn runner(&self, settings: JobSettings) -> JobRunner {
        self.runner_over(self.memory.clone(), settings)
    }

    pub(crate) fn runner_over(&self, store: Arc<dyn Store>, settings: JobSettings) -> JobRunner {
        let ports = JobPorts {
            store,
            queue: self.memory.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
        };
        JobRunner::new(ports, settings, self.waker.clone())
    }

    /// Returns a due job of this kind.
    pub(crate) fn job(&self, of: &str) -> Job {
        let now = self.clock.now();
        Job::new(JobId::from_uuid(self.ids.next_id()), kind(of), "{}".to_owned(), now, now)
    }

    pub(crate) async fn store(&self, job: Job) -> JobId {
        let id = job.id;
        self.memory.commit(ChangeSet::new().insert(job)).await.expect("stored");
        id
    }

    pub(crate) async fn stored(&self, id: JobId) -> Option<Job> {
        Repository::<Job>::find(&*self.memory, id).await.expect("readable")
    }

    /// Returns all jobs, newest first.
    pub(crate) async fn jobs(&self) -> Vec<Job> {
        let page = PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).expect("a size") };
        JobQueue::list(&*self.memory, &JobFilter::default(), page).await.expect("readable").items
    }

    /// Returns the effect of a job: an event about it.
    pub(crate) fn effect(&self, job: &Job) -> ChangeSet {
        ChangeSet::new().insert(Event {
            id: EventId::from_uuid(self.ids.next_id()),
            kind: "effect.v1".to_owned(),
            subject: format!("job:{}", job.id),
            audience: Audience::Administrators,
            occurred_at: self.clock.now(),
            payload: "{}".to_owned(),
        })
    }

    /// Returns the jobs that had an effect, in the order of the effects.
    pub(crate) async fn effects(&self) -> Vec<String> {
        let events = self.memory.after(0, u32::MAX).await.expect("readable");
        events.into_iter().map(|logged| logged.event.subject).collect()
    }
}

pub(crate) fn kind(name: &str) -> JobKind {
    JobKind::parse(name).expect("a kind")
}

/// A retry policy with a backoff of at most one second.
pub(crate) fn quick() -> JobPolicy {
    let second = chrono::TimeDelta::seconds(1);
    JobPolicy { backoff: Backoff { first: second, max: second }, ..JobPolicy::default() }
}

/// Settings that let running jobs finish for one second after a stop.
pub(crate) fn settings() -> JobSettings {
    JobSettings { stop_grace: Duration::from_secs(1), ..JobSettings::default() }
}

type Work = Box<dyn Fn(Job) -> BoxFuture<'static, Result<ChangeSet, JobFailure>> + Send + Sync>;

/// A job handler defined by a test.
pub(crate) struct Handler {
    kind: &'static str,
    policy: JobPolicy,
    work: Work,
}

impl Handler {
    pub(crate) fn new<F>(kind: &'static str, policy: JobPolicy, work: impl Fn(Job) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<ChangeSet, JobFailure>> + Send + 'static,
    {
        Self { kind, policy, work: Box::new(move |job| Box::pin(work(job))) }
    }

    /// Creates a handler whose jobs have their effect immediately.
    pub(crate) fn with_effect(kind: &'static str, policy: JobPolicy, scene: &Arc<Scene>) -> Self {
        let scene = scene.clone();
        Self::new(kind, policy, move |job| {
            let scene = scene.clone();
            async move { Ok(scene.effect(&job)) }
        })
    }
}

#[async_trait]
impl JobHandler for Handler {
    fn kind(&self) -> JobKind {
        kind(self.kind)
    }

    fn policy(&self) -> JobPolicy {
        self.policy
    }

    async fn run(&self, job: &Job) -> Result<ChangeSet, JobFailure> {
        (self.work)(job.clone()).await
    }
}

/// The recorded metrics of a runner.
#[derive(Default)]
pub(crate) struct RecordedMetrics {
    counts: Mutex<HashMap<JobEvent, usize>>,
    queue: Mutex<HashMap<String, (JobCounts, Duration)>>,
}

impl RecordedMetrics {
    pub(crate) fn count_of(&self, event: JobEvent) -> usize {
        self.counts.lock().expect("not poisoned").get(&event).copied().unwrap_or_default()
    }

    /// Returns the numbers of open and dead jobs, and how long the oldest has been due.
    pub(crate) fn queue_of(&self, kind: &str) -> Option<(u64, u64, Duration)> {
        let queue = self.queue.lock().expect("not poisoned");
        queue.get(kind).map(|(counts, oldest_due)| (counts.open, counts.dead, *oldest_due))
    }
}

impl JobMetrics for RecordedMetrics {
    fn count(&self, _: &JobKind, event: JobEvent) {
        *self.counts.lock().expect("not poisoned").entry(event).or_default() += 1;
    }

    fn queue(&self, counts: &JobCounts, oldest_due: Duration) {
        self.queue.lock().expect("not poisoned").insert(counts.kind.to_string(), (counts.clone(), oldest_due));
    }
}

/// The outcome of a commit: stored, not stored, or stored with a lost reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommitOutcome {
    Stored,
    NotStored,
    ReplyLost,
}

/// An in-memory store that records change sets and simulates failures of the next commits.
pub(crate) struct FaultyStore {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) commits: Mutex<Vec<ChangeSet>>,
    pub(crate) outcomes: Mutex<Vec<CommitOutcome>>,
}

impl FaultyStore {
    pub(crate) fn new(scene: &Scene, outcomes: &[CommitOutcome]) -> Arc<Self> {
        let outcomes = Mutex::new(outcomes.iter().rev().copied().collect());
        Arc::new(Self { memory: scene.memory.clone(), commits: Mutex::default(), outcomes })
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        self.commits.lock().expect("not poisoned").push(changes.clone());
        let outcome = self.outcomes.lock().expect("not poisoned").pop().unwrap_or(CommitOutcome::Stored);
        if outcome != CommitOutcome::NotStored {
            self.memory.commit(changes).await?;
        }
        match outcome {
            CommitOutcome::Stored => Ok(()),
            CommitOutcome::NotStored | CommitOutcome::ReplyLost => {
                Err(StoreError::unavailable("the connection was lost").into())
            }
        }
    }
}
