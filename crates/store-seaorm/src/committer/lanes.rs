//! The queue and the tasks that empty it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::{
    runtime::Handle,
    sync::{
        Mutex as AsyncMutex,
        mpsc::{self, error::SendTimeoutError},
    },
    task::JoinHandle,
};

use super::job::Job;
use crate::error::Away;

/// How often a lane lets others have their turn before it commits what it has; fewer if nobody comes.
const TURNS_MAX: usize = 3;

/// What a lane does with the jobs it takes.
#[async_trait]
pub(super) trait Work: Send + Sync + 'static {
    /// Stores the jobs and answers each of them.
    async fn commit(&self, jobs: Vec<Job>);
}

pub(super) struct Limits {
    pub(super) lanes: u32,
    pub(super) batch_sets_max: usize,
    pub(super) queue_sets_max: usize,
}

pub(super) struct Lanes {
    /// `None` once the lanes are closed.
    queue: Mutex<Option<mpsc::Sender<Job>>>,
    running: AsyncMutex<Vec<JoinHandle<()>>>,
}

impl Lanes {
    pub(super) fn start(runtime: &Handle, work: Arc<dyn Work>, limits: &Limits) -> Self {
        let (queue, waiting) = mpsc::channel(limits.queue_sets_max);
        let waiting = Arc::new(AsyncMutex::new(waiting));
        let lane = Arc::new(Lane { waiting, work, batch_sets_max: limits.batch_sets_max });
        let running = (0..limits.lanes.max(1)).map(|_| runtime.spawn(supervise(Arc::clone(&lane)))).collect();
        Self { queue: Mutex::new(Some(queue)), running: AsyncMutex::new(running) }
    }

    /// Puts a job into the queue, waiting for a place if it is full.
    pub(super) async fn enqueue(&self, job: Job, place_timeout: Duration) -> Result<(), Away> {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or(Away::Closed)?;
        // A place that is free is taken without setting up a timer.
        let Err(full) = queue.try_send(job) else {
            return Ok(());
        };
        queue.send_timeout(full.into_inner(), place_timeout).await.map_err(|refusal| match refusal {
            SendTimeoutError::Timeout(_) => Away::QueueFull,
            SendTimeoutError::Closed(_) => Away::Closed,
        })
    }

    /// Takes no more jobs, and waits until those that were taken are answered.
    pub(super) async fn close(&self) {
        drop(self.queue.lock().unwrap_or_else(PoisonError::into_inner).take());
        for lane in self.running.lock().await.drain(..) {
            // A lane that was cancelled has its runtime going down around it, and no jobs any more.
            let _cancelled = lane.await;
        }
    }
}

struct Lane {
    waiting: Arc<AsyncMutex<mpsc::Receiver<Job>>>,
    work: Arc<dyn Work>,
    batch_sets_max: usize,
}

impl Lane {
    async fn run(self: Arc<Self>) {
        loop {
            let jobs = self.next_batch().await;
            if jobs.is_empty() {
                return;
            }
            let wanted: Vec<Job> = jobs.into_iter().filter(|job| !job.is_abandoned()).collect();
            if !wanted.is_empty() {
                self.work.commit(wanted).await;
            }
        }
    }

    /// Whatever waits, up to the limit; nothing when the queue is closed and empty.
    ///
    /// It never waits for more. But callers who were answered a moment ago, and have not had their turn on
    /// this runtime yet, get it first: without that, a lane would run ahead with the first of them and
    /// flush the disk for a handful.
    async fn next_batch(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        let mut waiting = self.waiting.lock().await;
        let mut newly_taken = waiting.recv_many(&mut jobs, self.batch_sets_max).await;
        for _ in 0..TURNS_MAX {
            let room = self.batch_sets_max - jobs.len();
            if newly_taken == 0 || room == 0 {
                break;
            }
            tokio::task::yield_now().await;
            newly_taken = take_waiting(&mut waiting, &mut jobs, room);
        }
        jobs
    }
}

fn take_waiting(waiting: &mut mpsc::Receiver<Job>, jobs: &mut Vec<Job>, room: usize) -> usize {
    let before = jobs.len();
    jobs.extend(std::iter::from_fn(|| waiting.try_recv().ok()).take(room));
    jobs.len() - before
}

/// Runs a lane again whenever it panics: the callers of that batch are told so by their answers being
/// dropped, and everybody else goes on.
async fn supervise(lane: Arc<Lane>) {
    loop {
        match tokio::spawn(Arc::clone(&lane).run()).await {
            Ok(()) => return,
            Err(failure) if failure.is_panic() => {
                tracing::error!(error = %failure, "a commit lane panicked and is started again");
            }
            Err(_cancelled) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use incident_domain::ChangeSet;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::committer::job::Outcome;

    const PATIENCE: Duration = Duration::from_secs(10);

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
    impl Work for Scripted {
        async fn commit(&self, jobs: Vec<Job>) {
            self.permits.acquire().await.expect("a permit").forget();
            let earlier = self.batches().len();
            self.batches.lock().expect("the batches").push(jobs.len());
            assert_ne!(Some(earlier), self.panics_at, "as the script says");
            for job in jobs {
                job.answer(Ok(()));
            }
        }
    }

    fn lanes(work: Arc<Scripted>, batch_sets_max: usize, queue_sets_max: usize) -> Lanes {
        Lanes::start(&Handle::current(), work, &Limits { lanes: 1, batch_sets_max, queue_sets_max })
    }

    async fn enqueue(lanes: &Lanes) -> tokio::sync::oneshot::Receiver<Outcome> {
        let (job, answer) = Job::new(ChangeSet::new());
        lanes.enqueue(job, PATIENCE).await.expect("a place in the queue");
        answer
    }

    #[tokio::test]
    async fn whoever_waits_is_taken_along_up_to_the_limit() {
        let work = Scripted::new(0, None);
        let lanes = lanes(Arc::clone(&work), 4, 16);
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(enqueue(&lanes).await);
        }
        work.permits.add_permits(16);
        for answer in answers {
            assert!(answer.await.expect("an answer").is_ok());
        }
        assert_eq!(work.batches(), [4, 2]);
    }

    #[tokio::test]
    async fn a_lane_that_panics_answers_its_callers_and_goes_on_with_the_next() {
        let work = Scripted::new(16, Some(0));
        let lanes = lanes(work, 4, 16);
        assert!(enqueue(&lanes).await.await.is_err());
        assert!(enqueue(&lanes).await.await.expect("an answer").is_ok());
    }

    #[tokio::test]
    async fn a_caller_who_went_away_is_left_out() {
        let work = Scripted::new(0, None);
        let lanes = lanes(Arc::clone(&work), 4, 16);
        drop(enqueue(&lanes).await);
        let stays = enqueue(&lanes).await;
        work.permits.add_permits(16);
        assert!(stays.await.expect("an answer").is_ok());
        assert_eq!(work.batches(), [1]);
    }

    #[tokio::test]
    async fn a_full_queue_is_said_to_be_full() {
        let work = Scripted::new(0, None);
        let lanes = lanes(work, 1, 1);
        let soon = Duration::from_millis(1);
        let mut refusals = Vec::new();
        let mut answers = Vec::new();
        // One is with the lane, which waits for ever, and one is in the queue.
        for _ in 0..3 {
            let (job, answer) = Job::new(ChangeSet::new());
            refusals.push(lanes.enqueue(job, soon).await.err());
            answers.push(answer);
            tokio::task::yield_now().await;
        }
        assert!(matches!(refusals.as_slice(), [None, None, Some(Away::QueueFull)]), "{refusals:?}");
    }

    #[tokio::test]
    async fn closing_finishes_what_waits_and_refuses_what_comes() {
        let work = Scripted::new(0, None);
        let lanes = lanes(Arc::clone(&work), 2, 16);
        let answers = [enqueue(&lanes).await, enqueue(&lanes).await, enqueue(&lanes).await];
        work.permits.add_permits(16);
        lanes.close().await;
        for mut answer in answers {
            assert!(matches!(answer.try_recv(), Ok(Ok(()))));
        }
        let (late, _answer) = Job::new(ChangeSet::new());
        assert!(matches!(lanes.enqueue(late, PATIENCE).await, Err(Away::Closed)));
    }
}
