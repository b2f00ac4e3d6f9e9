//! Threads for work that is slow on purpose.

mod measured;
mod priority;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    io,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use incident_domain::identity::PasswordHasherError;
use thiserror::Error;
use tokio::sync::oneshot;

use measured::Measured;

/// How many callers may wait for each thread. At a quarter of a second a hash, the last one waits eight
/// seconds, which people put up with; whoever comes after is told to come back.
pub const QUEUE_MAX_PER_THREAD: usize = 32;

/// The weight of a new measurement in the moving mean: one part in so many.
const MEAN_PARTS: u32 = 8;

/// The threads on which passwords are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashPoolOptions {
    /// How many there are, and so how many hashes run at once.
    pub threads: NonZeroUsize,
    /// How many callers may wait, beside those whose hashes run.
    pub queue_max: usize,
}

impl HashPoolOptions {
    /// So many threads, with a queue that fits them.
    pub const fn with_threads(threads: NonZeroUsize) -> Self {
        Self { threads, queue_max: threads.get().saturating_mul(QUEUE_MAX_PER_THREAD) }
    }
}

impl Default for HashPoolOptions {
    /// Half of the processors, since the other half answers everybody who is signed in already.
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::with_threads(NonZeroUsize::new(processors / 2).unwrap_or(NonZeroUsize::MIN))
    }
}

/// The work did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
enum Unfinished {
    /// It panicked; the panic hook has said where.
    #[error("hashing panicked")]
    Panicked,
    /// The pool went away before the work's turn.
    #[error("the threads that hash have ended")]
    PoolEnded,
}

/// A fixed number of threads of low priority that take work from a queue of limited length, in the order it
/// came. The runtime's threads for blocking work are no place for hashes: there, a flood of sign-ins would
/// stand in the way of all other blocking work, and would compete with every route for the processors.
///
/// The threads end when the pool is dropped, after the work they are at.
pub(crate) struct HashPool {
    shared: Arc<Shared>,
}

struct Shared {
    options: HashPoolOptions,
    queue: Mutex<Queue>,
    changed: Condvar,
    measured: Measured,
}

struct Queue {
    waiting: VecDeque<Box<dyn Job>>,
    busy_threads: usize,
    is_open: bool,
    mean: Duration,
}

/// Work on its way to a thread.
trait Job: Send {
    /// Whether somebody still waits for the answer.
    fn is_wanted(&self) -> bool;
    fn run(self: Box<Self>);
}

struct Asked<T, W> {
    work: W,
    answer: oneshot::Sender<Result<T, PasswordHasherError>>,
}

impl<T, W> Job for Asked<T, W>
where
    T: Send,
    W: FnOnce() -> Result<T, PasswordHasherError> + Send,
{
    fn is_wanted(&self) -> bool {
        !self.answer.is_closed()
    }

    fn run(self: Box<Self>) {
        let Self { work, answer } = *self;
        // What the work had in its hands is gone with it: there is no state that could be left broken.
        let done = catch_unwind(AssertUnwindSafe(work))
            .unwrap_or_else(|_panic| Err(PasswordHasherError::failed(Unfinished::Panicked)));
        // A caller who went away meanwhile needs no answer.
        let _ = answer.send(done);
    }
}

impl HashPool {
    /// Starts the threads. Until work was measured, each is taken to last as long as the guess.
    pub(crate) fn try_new(options: HashPoolOptions, duration_guess: Duration) -> io::Result<Self> {
        let queue = Queue { waiting: VecDeque::new(), busy_threads: 0, is_open: true, mean: duration_guess };
        let shared =
            Arc::new(Shared { options, queue: Mutex::new(queue), changed: Condvar::new(), measured: Measured::new() });
        let pool = Self { shared };
        for index in 0..options.threads.get() {
            let shared = Arc::clone(&pool.shared);
            thread::Builder::new().name(format!("hash-{index}")).spawn(move || shared.work_until_closed())?;
        }
        Ok(pool)
    }

    /// Runs slow work when it is its turn. Work whose caller stopped waiting before that is not done at all;
    /// work that has begun is finished, and keeps its thread until then.
    pub(crate) async fn run<T, W>(&self, work: W) -> Result<T, PasswordHasherError>
    where
        T: Send + 'static,
        W: FnOnce() -> Result<T, PasswordHasherError> + Send + 'static,
    {
        let _waiting = self.shared.measured.waiting();
        let (answer, answered) = oneshot::channel();
        self.shared.enqueue(Box::new(Asked { work, answer }))?;
        answered.await.map_err(|_| PasswordHasherError::failed(Unfinished::PoolEnded))?
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        let mut queue = self.shared.lock();
        queue.is_open = false;
        queue.waiting.clear();
        self.shared.changed.notify_all();
    }
}

impl Shared {
    /// No code that can panic runs while the lock is held, so what it guards is whole in any case.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enqueue(&self, job: Box<dyn Job>) -> Result<(), PasswordHasherError> {
        let mut queue = self.lock();
        if self.is_full(&queue) {
            queue.waiting.retain(|job| job.is_wanted());
        }
        if self.is_full(&queue) {
            return Err(PasswordHasherError::Busy { retry_after: self.time_to_work_off(&queue) });
        }
        queue.waiting.push_back(job);
        self.changed.notify_one();
        Ok(())
    }

    /// What an idle thread is about to take does not count as waiting.
    fn is_full(&self, queue: &Queue) -> bool {
        let idle_threads = self.options.threads.get() - queue.busy_threads;
        queue.waiting.len() >= self.options.queue_max.saturating_add(idle_threads)
    }

    /// How long those that wait will take, together with those that run, as if these had just begun.
    fn time_to_work_off(&self, queue: &Queue) -> Duration {
        let jobs = u32::try_from(queue.waiting.len() + queue.busy_threads).unwrap_or(u32::MAX);
        let threads = u32::try_from(self.options.threads.get()).unwrap_or(u32::MAX);
        queue.mean.saturating_mul(jobs) / threads
    }

    fn work_until_closed(&self) {
        priority::lower();
        while let Some(job) = self.next() {
            let begun = Instant::now();
            job.run();
            self.note_done(begun.elapsed());
        }
    }

    fn next(&self) -> Option<Box<dyn Job>> {
        let mut queue = self.lock();
        while queue.is_open {
            match queue.waiting.pop_front() {
                Some(job) if job.is_wanted() => {
                    queue.busy_threads += 1;
                    return Some(job);
                }
                Some(_nobody_waits) => {}
                None => queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
            }
        }
        None
    }

    fn note_done(&self, took: Duration) {
        self.measured.done(took);
        let mut queue = self.lock();
        queue.busy_threads -= 1;
        queue.mean = (queue.mean.saturating_mul(MEAN_PARTS - 1).saturating_add(took)) / MEAN_PARTS;
    }
}
