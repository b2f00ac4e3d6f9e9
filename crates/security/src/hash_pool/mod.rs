//! A bounded pool of threads for hashing.

mod measured;
mod priority;
#[cfg(test)]
mod tests;

use std::{
    io,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use incident_domain::identity::PasswordHasherError;
use thiserror::Error;
use tokio::{
    runtime::{self, Handle, Runtime},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use measured::Measured;

/// How many callers may wait for each thread. At a quarter of a second for a hash, the last one waits eight seconds.
pub const QUEUE_MAX_PER_THREAD: usize = 32;

/// The weight of a new measurement in the moving mean is one part of this number.
const MEAN_PARTS: u32 = 8;

/// The number of threads that hash passwords, and of callers that wait for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashPoolOptions {
    /// The number of threads, which is the number of concurrent hashes.
    pub threads: NonZeroUsize,
    /// The maximum number of callers that wait for a thread.
    pub queue_max: usize,
}

impl HashPoolOptions {
    /// Returns options with this number of threads and a queue of [`QUEUE_MAX_PER_THREAD`] for each.
    pub const fn with_threads(threads: NonZeroUsize) -> Self {
        Self { threads, queue_max: threads.get().saturating_mul(QUEUE_MAX_PER_THREAD) }
    }
}

impl Default for HashPoolOptions {
    /// Uses half of the processors. The other half serves users who are signed in.
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::with_threads(NonZeroUsize::new(processors / 2).unwrap_or(NonZeroUsize::MIN))
    }
}

/// The work panicked, or the pool was dropped before it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the password was not hashed")]
struct Unfinished;

/// A fixed number of threads of low priority, with a queue of bounded length in the order of arrival. The threads are not
/// those that the server's runtime uses for blocking work, because there many sign-ins would delay all other blocking
/// work and compete with every route for the processors.
///
/// The threads end when the pool is dropped, after their current work.
pub(crate) struct HashPool {
    options: HashPoolOptions,
    /// Has no other purpose than its threads for blocking work. `None` only while the pool is dropped.
    runtime: Option<Runtime>,
    handle: Handle,
    idle_threads: Arc<Semaphore>,
    queue: Semaphore,
    statistics: Arc<Statistics>,
}

struct Statistics {
    measured: Measured,
    mean: Mutex<Duration>,
}

impl HashPool {
    /// Creates the pool. The estimate is used as the duration of a hash until one was measured.
    pub(crate) fn try_new(options: HashPoolOptions, duration_estimate: Duration) -> io::Result<Self> {
        let threads = options.threads.get();
        let runtime = runtime::Builder::new_current_thread()
            .max_blocking_threads(threads)
            .thread_name("hash")
            .on_thread_start(priority::lower)
            .build()?;
        Ok(Self {
            options,
            handle: runtime.handle().clone(),
            runtime: Some(runtime),
            idle_threads: Arc::new(Semaphore::new(threads)),
            queue: Semaphore::new(options.queue_max.min(Semaphore::MAX_PERMITS)),
            statistics: Arc::new(Statistics { measured: Measured::new(), mean: Mutex::new(duration_estimate) }),
        })
    }

    /// Runs slow work on a thread of the pool. If the caller stops waiting before the work starts, it is not done; work
    /// that has started is finished and occupies its thread until then.
    pub(crate) async fn run<T, W>(&self, work: W) -> Result<T, PasswordHasherError>
    where
        T: Send + 'static,
        W: FnOnce() -> Result<T, PasswordHasherError> + Send + 'static,
    {
        let _waiting = self.statistics.measured.waiting();
        let thread = self.idle_thread().await?;
        let statistics = Arc::clone(&self.statistics);
        let working = self.handle.spawn_blocking(move || {
            let _busy = thread;
            let started = Instant::now();
            let result = work();
            statistics.add(started.elapsed());
            result
        });
        // The error would show the message of the panic, which the panic hook has logged.
        working.await.map_err(|_panicked_or_cancelled| PasswordHasherError::failed(Unfinished))?
    }

    /// Waits for an idle thread, which is occupied until the permit is dropped.
    async fn idle_thread(&self) -> Result<OwnedSemaphorePermit, PasswordHasherError> {
        if let Ok(thread) = Arc::clone(&self.idle_threads).try_acquire_owned() {
            return Ok(thread);
        }
        let _waiting = self
            .queue
            .try_acquire()
            .map_err(|_full| PasswordHasherError::Busy { retry_after: self.time_until_idle() })?;
        let thread = Arc::clone(&self.idle_threads).acquire_owned().await;
        thread.map_err(|_never_closed| PasswordHasherError::failed(Unfinished))
    }

    /// Estimates the time until all waiting and running work is done, as if the latter had just started.
    fn time_until_idle(&self) -> Duration {
        let threads = self.options.threads.get();
        let waiting = self.options.queue_max.saturating_sub(self.queue.available_permits());
        let running = threads.saturating_sub(self.idle_threads.available_permits());
        let [work, threads] = [waiting + running, threads].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        self.statistics.mean().saturating_mul(work) / threads
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Does not wait for the threads, because this may run on a thread of another runtime.
            runtime.shutdown_background();
        }
    }
}

impl Statistics {
    fn mean(&self) -> Duration {
        *self.mean.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, duration: Duration) {
        self.measured.done(duration);
        let mut mean = self.mean.lock().unwrap_or_else(PoisonError::into_inner);
        *mean = mean.saturating_mul(MEAN_PARTS - 1).saturating_add(duration) / MEAN_PARTS;
    }
}
