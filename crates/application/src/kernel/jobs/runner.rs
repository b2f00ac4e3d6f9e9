//! Running jobs: looking for due ones, and keeping the workers busy.

use std::{sync::Arc, time::Duration};

use incident_domain::{
    kernel::{Conflict, Job, JobCounts, StoreError},
    write::{ChangeSet, CommitError},
};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::{
    JobHandler, JobPorts, JobSettings, JobWaker,
    workers::{Kind, Workers, periodic},
};

/// Runs jobs in one process. Several processes share the queue: the store gives each job to one worker at a time.
///
/// Kinds take turns, so that many jobs of one kind do not delay the others, and a limit for each partition keeps one slow
/// receiver from taking all workers. A job whose worker stopped is due again when its lease expires.
pub struct JobRunner {
    ports: JobPorts,
    settings: JobSettings,
    kinds: Vec<Arc<Kind>>,
    waker: JobWaker,
}

impl JobRunner {
    /// Makes a runner without handlers, which `waker` wakes.
    pub const fn new(ports: JobPorts, settings: JobSettings, waker: JobWaker) -> Self {
        Self { ports, settings, kinds: Vec::new(), waker }
    }

    /// Adds the handler of a kind.
    #[must_use]
    pub fn handling(mut self, handler: impl JobHandler + 'static) -> Self {
        let (name, policy) = (handler.kind(), handler.policy());
        self.kinds.push(Arc::new(Kind { name, policy, handler: Arc::new(handler) }));
        self
    }

    /// Runs jobs until `stop` is cancelled. Then running jobs may finish for a while; those that do not are cancelled and
    /// handed back.
    pub async fn run(&self, stop: &CancellationToken) {
        let mut workers = self.workers();
        let (mut poll, mut measure) = (ticks(self.settings.poll_interval), ticks(self.settings.measure_interval));
        let mut has_periodic = false;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = workers.ended() => {}
                () = self.waker.woken() => workers.look_again(),
                _ = poll.tick() => workers.look_again(),
                _ = measure.tick() => report(self.measure().await, "the queue of jobs was not measured"),
            }
            if !has_periodic {
                let inserted = self.insert_periodic().await;
                has_periodic = inserted.is_ok();
                report(inserted, "periodic jobs were not stored; trying again");
            }
            report(workers.fill().await, "jobs were not claimed; trying again");
        }
        workers.stop(self.settings.stop_grace).await;
    }

    /// Runs the jobs that are due, and returns when no job is due and none is running.
    pub async fn run_due(&self) -> Result<(), StoreError> {
        self.insert_periodic().await?;
        let mut workers = self.workers();
        loop {
            workers.fill().await?;
            if workers.is_idle() {
                return Ok(());
            }
            workers.ended().await;
        }
    }

    fn workers(&self) -> Workers<'_> {
        Workers::new(&self.ports, &self.kinds, self.settings.running_max)
    }

    /// Stores the job of each periodic kind that has none yet.
    async fn insert_periodic(&self) -> Result<(), StoreError> {
        let now = self.ports.clock.now();
        for kind in self.kinds.iter().filter(|kind| kind.policy.period.is_some()) {
            let job = periodic(&self.ports, &kind.name, now, now);
            match self.ports.store.commit(ChangeSet::new().insert(job)).await {
                Ok(()) | Err(CommitError::Conflict(Conflict::Duplicate(Job::DEDUP_KEY))) => {}
                Err(CommitError::Unavailable(error)) => return Err(error),
                Err(CommitError::Conflict(conflict)) => return Err(StoreError::unavailable(conflict)),
            }
        }
        Ok(())
    }

    async fn measure(&self) -> Result<(), StoreError> {
        let (counts, now) = (self.ports.queue.counts().await?, self.ports.clock.now());
        for kind in &self.kinds {
            let none = JobCounts { kind: kind.name.clone(), open: 0, dead: 0, oldest_run_at: None };
            let counts = counts.iter().find(|counts| counts.kind == kind.name).unwrap_or(&none);
            let oldest_due = counts.oldest_run_at.and_then(|oldest| (now - oldest).to_std().ok());
            self.ports.metrics.queue(counts, oldest_due.unwrap_or_default());
        }
        Ok(())
    }
}

fn ticks(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn report(result: Result<(), StoreError>, what: &str) {
    if let Err(error) = result {
        tracing::warn!(error = %error, "{what}");
    }
}
