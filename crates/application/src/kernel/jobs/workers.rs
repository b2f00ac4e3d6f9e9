//! The workers of one runner: which jobs they hold, which kinds come next, and how an attempt ends.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::{FutureExt, future::join_all};
use incident_domain::{
    kernel::{Conflict, Job, JobClaim, JobId, JobKind, JobState, RecordId as _, StoreError, Timestamp},
    write::{ChangeSet, CommitError},
};
use tokio::{
    task::{Id, JoinSet},
    time::timeout,
};

use super::{JobEvent, JobFailure, JobHandler, JobPolicy, JobPorts};

/// A kind of jobs with its handler.
pub(super) struct Kind {
    pub(super) name: JobKind,
    pub(super) policy: JobPolicy,
    pub(super) handler: Arc<dyn JobHandler>,
}

/// A job that a worker holds.
struct Held {
    kind: usize,
    job: Job,
}

/// The workers of one runner.
pub(super) struct Workers<'a> {
    ports: &'a JobPorts,
    kinds: &'a [Arc<Kind>],
    running_max: usize,
    attempts: JoinSet<()>,
    held: HashMap<Id, Held>,
    /// For each kind, whether it may have due jobs that could be claimed.
    may_be_due: Vec<bool>,
    /// The kind whose turn it is.
    turn: usize,
}

impl<'a> Workers<'a> {
    pub(super) fn new(ports: &'a JobPorts, kinds: &'a [Arc<Kind>], running_max: usize) -> Self {
        let may_be_due = vec![true; kinds.len()];
        Self { ports, kinds, running_max, attempts: JoinSet::new(), held: HashMap::new(), may_be_due, turn: 0 }
    }

    /// Looks for due jobs of every kind again.
    pub(super) fn look_again(&mut self) {
        self.may_be_due.fill(true);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.held.is_empty()
    }

    /// Claims and starts jobs, kind by kind in turn, until every worker is busy or nothing more is due.
    pub(super) async fn fill(&mut self) -> Result<(), StoreError> {
        while self.held.len() < self.running_max
            && let Some((kind, jobs_max)) = self.next_claim()
        {
            // A claim that fails is not repeated at once.
            self.may_be_due[kind] = false;
            let claimed = self.claim(kind, jobs_max).await?;
            self.may_be_due[kind] = claimed.len() == jobs_max;
            self.start(kind, claimed).await;
        }
        Ok(())
    }

    /// Returns the kind whose turn it is, and how many jobs it may claim: its share of the free workers.
    fn next_claim(&mut self) -> Option<(usize, usize)> {
        let may_claim = |kind: &usize| self.may_be_due[*kind] && self.free_of(*kind) > 0;
        let waiting = (0..self.kinds.len()).filter(may_claim).count();
        let turns = (0..self.kinds.len()).map(|offset| (self.turn + offset) % self.kinds.len());
        let kind = turns.into_iter().find(may_claim)?;
        let free = self.running_max - self.held.len();
        let share = free.div_ceil(waiting).min(self.free_of(kind));
        self.turn = kind + 1;
        // No more than a partition may run: what it may not run at once is handed back.
        Some((kind, share.min(self.kinds[kind].policy.partition_running_max.max(1))))
    }

    fn free_of(&self, kind: usize) -> usize {
        let running = self.held.values().filter(|held| held.kind == kind).count();
        self.kinds[kind].policy.running_max.saturating_sub(running)
    }

    async fn claim(&self, kind: usize, jobs_max: usize) -> Result<Vec<Job>, StoreError> {
        let Kind { name, policy, .. } = &*self.kinds[kind];
        let now = self.ports.clock.now();
        let busy = self.running_by_partition(kind).into_iter();
        let busy = busy.filter(|(_, running)| *running >= policy.partition_running_max);
        let claim = JobClaim {
            kinds: vec![name.clone()],
            busy_partitions: busy.map(|(partition, _)| (name.clone(), partition.to_owned())).collect(),
            now,
            lease_until: now + policy.lease,
            jobs_max: u32::try_from(jobs_max).unwrap_or(u32::MAX),
        };
        self.ports.queue.claim(&claim).await
    }

    fn running_by_partition(&self, kind: usize) -> HashMap<&str, usize> {
        let mut running = HashMap::new();
        for held in self.held.values().filter(|held| held.kind == kind) {
            if let Some(partition) = &held.job.partition {
                *running.entry(partition.as_str()).or_default() += 1;
            }
        }
        running
    }

    /// Starts an attempt for each job, as far as its partition allows, and hands the others back.
    async fn start(&mut self, kind: usize, claimed: Vec<Job>) {
        let mut excess = Vec::new();
        for job in claimed {
            let Kind { name, policy, .. } = &*self.kinds[kind];
            self.ports.metrics.count(name, JobEvent::Claimed);
            let running = self.running_by_partition(kind);
            let of_partition = job.partition.as_deref().and_then(|partition| running.get(partition));
            if of_partition.is_some_and(|running| *running >= policy.partition_running_max) {
                excess.push(job);
                continue;
            }
            let attempt = attempt(self.ports.clone(), self.kinds[kind].clone(), job.clone());
            let id = self.attempts.spawn(attempt).id();
            self.held.insert(id, Held { kind, job });
        }
        hand_back(self.ports, excess).await;
    }

    /// Waits until attempts have ended; never if none is running.
    pub(super) async fn ended(&mut self) {
        let Some(mut ended) = self.attempts.join_next_with_id().await else { return std::future::pending().await };
        // Attempts whose changes were committed together end together, and one claim finds work for all their workers.
        loop {
            let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
            if let Some(held) = self.held.remove(&id) {
                // Its worker is free, and so is its partition.
                self.may_be_due[held.kind] = true;
            }
            let Some(next) = self.attempts.try_join_next_with_id() else { return };
            ended = next;
        }
    }

    /// Lets running attempts finish, and then cancels and hands back those that have not.
    pub(super) async fn stop(mut self, grace: Duration) {
        let finish = async {
            while !self.held.is_empty() {
                self.ended().await;
            }
        };
        if timeout(grace, finish).await.is_err() {
            self.attempts.shutdown().await;
            hand_back(self.ports, self.held.into_values().map(|held| held.job).collect()).await;
        }
    }
}

/// Gives jobs back that were not tried, each by itself: one that was claimed by another worker meanwhile is left alone.
async fn hand_back(ports: &JobPorts, jobs: Vec<Job>) {
    let hand_back = async |job: Job| {
        let handed_back = job.handed_back(ports.clock.now());
        match ports.store.commit(ChangeSet::new().update(handed_back, job.version)).await {
            Ok(()) => ports.metrics.count(&job.kind, JobEvent::HandedBack),
            Err(CommitError::Conflict(_)) => ports.metrics.count(&job.kind, JobEvent::Lost),
            Err(error @ CommitError::Unavailable(_)) => {
                tracing::warn!(job.id = %job.id, error = %error, "a job was not handed back; it is due when its lease expires");
            }
        }
    };
    join_all(jobs.into_iter().map(hand_back)).await;
}

/// Makes one attempt, and stores how it ended.
async fn attempt(ports: JobPorts, kind: Arc<Kind>, job: Job) {
    let work = AssertUnwindSafe(kind.handler.run(&job)).catch_unwind();
    let lease = kind.policy.lease.to_std().unwrap_or_default();
    let failure = match timeout(lease, work).await {
        Ok(Ok(Ok(changes))) => match ports.store.commit(completion(&ports, &kind, &job, changes)).await {
            Ok(()) => return ports.metrics.count(&kind.name, JobEvent::Completed),
            // Either the lease was lost, which the commit of the failure finds out, or the changes do not fit.
            Err(CommitError::Conflict(conflict)) => format!("the changes could not be stored: {conflict}"),
            Err(CommitError::Unavailable(error)) => return unstored(&job, &error),
        },
        Ok(Ok(Err(failure))) => chain(&failure),
        Ok(Err(_panic)) => "the handler panicked".to_owned(),
        Err(_elapsed) => format!("the attempt took longer than its lease of {} s", lease.as_secs()),
    };
    fail(&ports, &kind, &job, &failure).await;
}

/// Completes a job: its changes, and the next run if it is periodic.
fn completion(ports: &JobPorts, kind: &Kind, job: &Job, changes: ChangeSet) -> ChangeSet {
    let mut completion = ChangeSet::new().delete(job);
    for change in changes.into_changes() {
        completion = completion.with(change);
    }
    match kind.policy.period {
        Some(period) => {
            let now = ports.clock.now();
            completion.insert(periodic(ports, &kind.name, now + period, now))
        }
        None => completion,
    }
}

/// Makes the one job of a periodic kind. It is tried until it succeeds.
pub(super) fn periodic(ports: &JobPorts, kind: &JobKind, run_at: Timestamp, now: Timestamp) -> Job {
    let id = JobId::from_uuid(ports.ids.next_id());
    let job = Job::new(id, kind.clone(), "{}".to_owned(), run_at, now);
    Job { dedup_key: Some(kind.to_string()), attempts_max: ATTEMPTS_UNLIMITED, ..job }
}

/// More attempts than there ever are, and no more than stores can hold.
const ATTEMPTS_UNLIMITED: u32 = i32::MAX.unsigned_abs();

async fn fail(ports: &JobPorts, kind: &Kind, job: &Job, failure: &str) {
    let delay = kind.policy.backoff.delay(job.attempts, &mut fastrand::Rng::new());
    let failed = job.failed(failure, ports.clock.now(), delay);
    let event = if failed.state == JobState::Dead { JobEvent::Dead } else { JobEvent::Failed };
    match ports.store.commit(ChangeSet::new().update(failed, job.version)).await {
        Ok(()) => {
            ports.metrics.count(&kind.name, event);
            tracing::warn!(job.id = %job.id, job.kind = %job.kind, job.attempts, error = failure, "an attempt of a job failed");
        }
        Err(CommitError::Conflict(Conflict::Stale | Conflict::Missing(_))) => {
            ports.metrics.count(&kind.name, JobEvent::Lost);
            tracing::warn!(job.id = %job.id, job.kind = %job.kind, "the lease of a job was lost; its result was dropped");
        }
        Err(CommitError::Conflict(conflict)) => unstored(job, &conflict),
        Err(CommitError::Unavailable(error)) => unstored(job, &error),
    }
}

fn unstored(job: &Job, error: &dyn std::error::Error) {
    tracing::warn!(job.id = %job.id, job.kind = %job.kind, error = %error, "the end of a job was not stored; it is tried again when its lease expires");
}

/// Writes an error with its causes.
fn chain(failure: &JobFailure) -> String {
    let first: &dyn std::error::Error = &**failure;
    let causes = std::iter::successors(Some(first), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
