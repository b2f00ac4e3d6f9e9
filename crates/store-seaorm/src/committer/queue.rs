//! The queue of change sets, and the tasks that empty it.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use incident_domain::write::{ChangeSet, CommitError};
use tokio::{
    runtime::Handle,
    sync::{
        Mutex as AsyncMutex,
        mpsc::{self, error::SendTimeoutError},
        oneshot,
    },
    task::JoinHandle,
};

use super::step::{Sharing, Step, steps_of};
use crate::error::Unavailable;

/// How often a lane yields to tasks that may add sets to its batch; fewer times if none does.
const YIELDS_MAX: usize = 3;

/// What a caller is answered.
pub(super) type Outcome = Result<(), CommitError>;

/// A change set, and the caller that waits for it.
pub(super) struct QueuedSet {
    changes: ChangeSet,
    steps: Vec<Step>,
    sharing: Sharing,
    answer: oneshot::Sender<Outcome>,
}

impl QueuedSet {
    /// Returns a set to be queued, and where its answer will arrive.
    pub(super) fn new(changes: ChangeSet) -> (Self, oneshot::Receiver<Outcome>) {
        let (answer, answered) = oneshot::channel();
        let steps = steps_of(&changes);
        let sharing = Sharing::of(&steps);
        (Self { changes, steps, sharing, answer }, answered)
    }

    /// Returns whose transaction the set is stored in.
    pub(super) const fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Returns true if the set changes nothing that is stored.
    pub(super) fn only_inserts(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Insert { .. }))
    }

    /// Takes the steps that store the set. They are built again for every attempt but the first.
    pub(super) fn take_steps(&mut self) -> Vec<Step> {
        match mem::take(&mut self.steps) {
            taken if taken.is_empty() => steps_of(&self.changes),
            steps => steps,
        }
    }

    pub(super) const fn changes(&self) -> &ChangeSet {
        &self.changes
    }

    /// Returns true if the caller has been dropped, so that nothing is known of the set's outcome.
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    /// Answers the caller.
    pub(super) fn answer(self, outcome: Outcome) {
        // A caller that has been dropped meanwhile needs no answer.
        let _unwanted = self.answer.send(outcome);
    }
}

/// Stores the sets that a lane takes.
#[async_trait]
pub(super) trait StoreBatch: Send + Sync + 'static {
    /// Stores the sets and answers each of them.
    async fn store(&self, sets: Vec<QueuedSet>);
}

pub(super) struct Limits {
    pub(super) lanes: u32,
    pub(super) batch_sets_max: usize,
    pub(super) queue_sets_max: usize,
}

/// The queue and its lanes.
pub(super) struct Lanes {
    /// `None` once the lanes are closed.
    queue: Mutex<Option<mpsc::Sender<QueuedSet>>>,
    running: AsyncMutex<Vec<JoinHandle<()>>>,
}

impl Lanes {
    pub(super) fn start(runtime: &Handle, store: Arc<dyn StoreBatch>, limits: &Limits) -> Self {
        let (queue, waiting) = mpsc::channel(limits.queue_sets_max);
        let waiting = Arc::new(AsyncMutex::new(waiting));
        let lane = Arc::new(Lane { waiting, store, batch_sets_max: limits.batch_sets_max });
        let running = (0..limits.lanes.max(1)).map(|_| runtime.spawn(supervise(Arc::clone(&lane)))).collect();
        Self { queue: Mutex::new(Some(queue)), running: AsyncMutex::new(running) }
    }

    /// Queues a set. If the queue is full, waits for at most the timeout.
    pub(super) async fn enqueue(&self, set: QueuedSet, timeout: Duration) -> Result<(), Unavailable> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or(Unavailable::Closed)?;
        // Without a need to wait, no timer is set.
        let Err(full) = queue.try_send(set) else {
            return Ok(());
        };
        queue.send_timeout(full.into_inner(), timeout).await.map_err(|refusal| match refusal {
            SendTimeoutError::Timeout(_) => Unavailable::QueueFull,
            SendTimeoutError::Closed(_) => Unavailable::Closed,
        })
    }

    /// Accepts no more sets, and waits until those that were accepted are answered.
    pub(super) async fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        for lane in self.running.lock().await.drain(..) {
            // A lane is cancelled only when its runtime shuts down, and has no sets then.
            let _cancelled = lane.await;
        }
    }
}

struct Lane {
    waiting: Arc<AsyncMutex<mpsc::Receiver<QueuedSet>>>,
    store: Arc<dyn StoreBatch>,
    batch_sets_max: usize,
}

impl Lane {
    async fn run(self: Arc<Self>) {
        loop {
            let sets = self.next_batch().await;
            if sets.is_empty() {
                return;
            }
            let wanted: Vec<QueuedSet> = sets.into_iter().filter(|set| !set.is_abandoned()).collect();
            if !wanted.is_empty() {
                self.store.store(wanted).await;
            }
        }
    }

    /// Takes the sets that wait, up to the limit; none when the queue is closed and empty.
    ///
    /// It never waits for more. But callers that have just been answered, and have not run on this runtime since, run
    /// first: otherwise a lane would continue with the first of them and flush the disk for a few sets.
    async fn next_batch(&self) -> Vec<QueuedSet> {
        let mut sets = Vec::new();
        let mut waiting = self.waiting.lock().await;
        let mut newly_taken = waiting.recv_many(&mut sets, self.batch_sets_max).await;
        for _ in 0..YIELDS_MAX {
            let room = self.batch_sets_max - sets.len();
            if newly_taken == 0 || room == 0 {
                break;
            }
            tokio::task::yield_now().await;
            newly_taken = take_waiting(&mut waiting, &mut sets, room);
        }
        sets
    }
}

fn take_waiting(waiting: &mut mpsc::Receiver<QueuedSet>, sets: &mut Vec<QueuedSet>, room: usize) -> usize {
    let before = sets.len();
    sets.extend(std::iter::from_fn(|| waiting.try_recv().ok()).take(room));
    sets.len() - before
}

/// Restarts a lane that panics. The callers of its batch get an error, because their answers are dropped; all others are
/// served.
async fn supervise(lane: Arc<Lane>) {
    loop {
        match tokio::spawn(Arc::clone(&lane).run()).await {
            Ok(()) => return,
            Err(failure) if failure.is_panic() => {
                tracing::error!(error = %failure, "a commit lane panicked and is restarted");
            }
            Err(_cancelled) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(10);

    /// Answers with success, one batch for each permit; panics at the batch of this number, from 0.
    struct Scripted {
        permits: Semaphore,
        panics_at: Option<usize>,
        batches: Mutex<Vec<usize>>,
    }

    impl Scripted {
        fn new(permits: usize, panics_at: Option<usize>) -> Arc<Self> {
            Arc::new(Self { permits: Semaphore::new(permits), panics_at, batches: Mutex::default() })
        }

        fn batches(&self) -> Vec<usize> {
            self.batches.lock().expect("the batches").clone()
        }
    }

    #[async_trait]
    impl StoreBatch for Scripted {
        async fn store(&self, sets: Vec<QueuedSet>) {
            self.permits.acquire().await.expect("a permit").forget();
            let earlier = self.batches().len();
            self.batches.lock().expect("the batches").push(sets.len());
            assert_ne!(Some(earlier), self.panics_at, "the script says so");
            for set in sets {
                set.answer(Ok(()));
            }
        }
    }

    fn lanes(store: Arc<Scripted>, batch_sets_max: usize, queue_sets_max: usize) -> Lanes {
        Lanes::start(&Handle::current(), store, &Limits { lanes: 1, batch_sets_max, queue_sets_max })
    }

    async fn enqueue(lanes: &Lanes) -> oneshot::Receiver<Outcome> {
        let (set, answer) = QueuedSet::new(ChangeSet::new());
        lanes.enqueue(set, TIMEOUT).await.expect("room in the queue");
        answer
    }

    #[tokio::test]
    async fn sets_that_wait_are_stored_together_up_to_the_limit() {
        let store = Scripted::new(0, None);
        let lanes = lanes(Arc::clone(&store), 4, 16);
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(enqueue(&lanes).await);
        }
        store.permits.add_permits(16);
        for answer in answers {
            assert!(answer.await.expect("an answer").is_ok());
        }
        assert_eq!(store.batches(), [4, 2]);
    }

    #[tokio::test]
    async fn a_lane_that_panics_answers_its_callers_and_stores_the_next_batch() {
        let store = Scripted::new(16, Some(0));
        let lanes = lanes(store, 4, 16);
        assert!(enqueue(&lanes).await.await.is_err());
        assert!(enqueue(&lanes).await.await.expect("an answer").is_ok());
    }

    #[tokio::test]
    async fn the_set_of_a_dropped_caller_is_not_stored() {
        let store = Scripted::new(0, None);
        let lanes = lanes(Arc::clone(&store), 4, 16);
        drop(enqueue(&lanes).await);
        let kept = enqueue(&lanes).await;
        store.permits.add_permits(16);
        assert!(kept.await.expect("an answer").is_ok());
        assert_eq!(store.batches(), [1]);
    }

    #[tokio::test]
    async fn a_full_queue_is_reported() {
        let store = Scripted::new(0, None);
        let lanes = lanes(store, 1, 1);
        let soon = Duration::from_millis(1);
        let mut refusals = Vec::new();
        let mut answers = Vec::new();
        // The lane holds one and waits for ever, and one is in the queue.
        for _ in 0..3 {
            let (set, answer) = QueuedSet::new(ChangeSet::new());
            refusals.push(lanes.enqueue(set, soon).await.err());
            answers.push(answer);
            tokio::task::yield_now().await;
        }
        assert!(matches!(refusals.as_slice(), [None, None, Some(Unavailable::QueueFull)]), "{refusals:?}");
    }

    #[tokio::test]
    async fn closing_commits_queued_sets_and_refuses_new_ones() {
        let store = Scripted::new(0, None);
        let lanes = lanes(Arc::clone(&store), 2, 16);
        let answers = [enqueue(&lanes).await, enqueue(&lanes).await, enqueue(&lanes).await];
        store.permits.add_permits(16);
        lanes.close().await;
        for mut answer in answers {
            assert!(matches!(answer.try_recv(), Ok(Ok(()))));
        }
        let (late, _answer) = QueuedSet::new(ChangeSet::new());
        assert!(matches!(lanes.enqueue(late, TIMEOUT).await, Err(Unavailable::Closed)));
    }
}
