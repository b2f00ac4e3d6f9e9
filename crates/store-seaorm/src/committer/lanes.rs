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
    async fn next_batch(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        let mut waiting = self.waiting.lock().await;
        waiting.recv_many(&mut jobs, self.batch_sets_max).await;
        jobs
    }
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
