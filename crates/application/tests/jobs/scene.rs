//! A queue of jobs in memory, and handlers that do what a test says.

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
    pub(crate) measured: Arc<Measured>,
    pub(crate) waker: JobWaker,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self {
            memory: Arc::new(MemoryStore::new()),
            clock: Arc::new(ManualClock::at("2026-01-31T12:00:00Z".parse().expect("a time"))),
            ids: Arc::new(SequentialIds::new()),
            measured: Arc::default(),
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
            metrics: self.measured.clone(),
        };
        JobRunner::new(ports, settings, self.waker.clone())
    }

    /// A job of this kind that is due.
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

    /// All jobs, the newest first.
    pub(crate) async fn jobs(&self) -> Vec<Job> {
        let page = PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).expect("a size") };
        JobQueue::list(&*self.memory, &JobFilter::default(), page).await.expect("readable").items
    }

    /// The effect of a job: an event about it.
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

    /// The jobs that have had an effect, in the order of the effects.
    pub(crate) async fn effects(&self) -> Vec<String> {
        let events = self.memory.after(0, u32::MAX).await.expect("readable");
        events.into_iter().map(|logged| logged.event.subject).collect()
    }
}

pub(crate) fn kind(name: &str) -> JobKind {
    JobKind::parse(name).expect("a kind")
}

/// A policy whose failed jobs wait for no longer than a second.
pub(crate) fn quick() -> JobPolicy {
    let second = chrono::TimeDelta::seconds(1);
    JobPolicy { backoff: Backoff { first: second, max: second }, ..JobPolicy::default() }
}

/// Settings by which running jobs may take a second to finish.
pub(crate) fn settings() -> JobSettings {
    JobSettings { stop_grace: Duration::from_secs(1), ..JobSettings::default() }
}

type Work = Box<dyn Fn(Job) -> BoxFuture<'static, Result<ChangeSet, JobFailure>> + Send + Sync>;

/// Does what a test says.
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

    /// A handler whose jobs have their effect at once.
    pub(crate) fn effective(kind: &'static str, policy: JobPolicy, scene: &Arc<Scene>) -> Self {
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

/// What was measured.
#[derive(Default)]
pub(crate) struct Measured {
    counts: Mutex<HashMap<JobEvent, usize>>,
    queue: Mutex<HashMap<String, (JobCounts, Duration)>>,
}

impl Measured {
    pub(crate) fn count_of(&self, event: JobEvent) -> usize {
        self.counts.lock().expect("not poisoned").get(&event).copied().unwrap_or_default()
    }

    /// The numbers of open and dead jobs, and for how long the oldest has been due.
    pub(crate) fn queue_of(&self, kind: &str) -> Option<(u64, u64, Duration)> {
        let queue = self.queue.lock().expect("not poisoned");
        queue.get(kind).map(|(counts, oldest_due)| (counts.open, counts.dead, *oldest_due))
    }
}

impl JobMetrics for Measured {
    fn count(&self, _: &JobKind, event: JobEvent) {
        *self.counts.lock().expect("not poisoned").entry(event).or_default() += 1;
    }

    fn queue(&self, counts: &JobCounts, oldest_due: Duration) {
        self.queue.lock().expect("not poisoned").insert(counts.kind.to_string(), (counts.clone(), oldest_due));
    }
}

/// What becomes of a change set: whether it is stored, and whether that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Stored,
    NotStored,
    AnswerLost,
}

/// The store in memory, which remembers what it was given, and whose next answers a test decides about.
pub(crate) struct Fragile {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) given: Mutex<Vec<ChangeSet>>,
    pub(crate) fates: Mutex<Vec<Fate>>,
}

impl Fragile {
    pub(crate) fn new(scene: &Scene, fates: &[Fate]) -> Arc<Self> {
        let fates = Mutex::new(fates.iter().rev().copied().collect());
        Arc::new(Self { memory: scene.memory.clone(), given: Mutex::default(), fates })
    }
}

#[async_trait]
impl Store for Fragile {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        self.given.lock().expect("not poisoned").push(changes.clone());
        let fate = self.fates.lock().expect("not poisoned").pop().unwrap_or(Fate::Stored);
        if fate != Fate::NotStored {
            self.memory.commit(changes).await?;
        }
        match fate {
            Fate::Stored => Ok(()),
            Fate::NotStored | Fate::AnswerLost => Err(StoreError::unavailable("the connection was lost").into()),
        }
    }
}
