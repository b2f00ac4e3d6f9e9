use std::{
    cell::RefCell,
    future::ready,
    pin::pin,
    sync::{
        Barrier,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
};

use tokio::{sync::oneshot, task::JoinSet};

use super::*;

const ESTIMATE: Duration = Duration::from_secs(2);

fn pool(threads: usize, queue_max: usize) -> HashPool {
    let threads = NonZeroUsize::new(threads).unwrap();
    HashPool::try_new(HashPoolOptions { threads, queue_max }, ESTIMATE).unwrap()
}

/// Polls a caller once, which then waits.
async fn start_waiting<T: std::fmt::Debug>(caller: &mut (impl Future<Output = T> + Unpin)) {
    tokio::select! {
        biased;
        result = caller => panic!("{result:?}"),
        () = ready(()) => {}
    }
}

/// Controls work that announces its start, and ends when it is released or this is dropped.
struct Blocker {
    started: oneshot::Receiver<()>,
    release: mpsc::Sender<()>,
}

fn blocking_work() -> (impl FnOnce() -> Result<(), PasswordHasherError> + Send + 'static, Blocker) {
    let (announce, started) = oneshot::channel();
    let (release, released) = mpsc::channel();
    let work = move || {
        announce.send(()).unwrap();
        released.recv().map_err(PasswordHasherError::failed)
    };
    (work, Blocker { started, release })
}

#[tokio::test]
async fn as_much_work_runs_concurrently_as_there_are_threads() {
    const THREADS: usize = 2;
    let pool = Arc::new(pool(THREADS, 4 * THREADS));
    let running = Arc::new(AtomicUsize::new(0));
    let together = Arc::new(Barrier::new(THREADS));
    let mut callers = JoinSet::new();
    for _ in 0..4 * THREADS {
        let (pool, running, together) = (Arc::clone(&pool), Arc::clone(&running), Arc::clone(&together));
        callers.spawn(async move {
            let work = move || {
                let concurrent = running.fetch_add(1, Ordering::SeqCst) + 1;
                together.wait();
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(concurrent)
            };
            pool.run(work).await.unwrap()
        });
    }
    let seen = callers.join_all().await;
    assert_eq!(seen.len(), 4 * THREADS);
    assert!(seen.iter().all(|concurrent| *concurrent <= THREADS), "{seen:?}");
}

#[tokio::test]
async fn work_does_not_block_the_thread_of_its_caller() {
    let pool = pool(1, 0);
    let (work, blocker) = blocking_work();
    // Both run on the only thread of this test: the work ends because the other future runs.
    let other = async { blocker.release.send(()).unwrap() };
    let (result, ()) = tokio::join!(pool.run(work), other);
    result.unwrap();
}

#[tokio::test]
async fn a_full_queue_refuses_a_caller_with_an_estimate_of_the_wait() {
    let pool = pool(2, 3);
    let (blocked, _blockers): (Vec<_>, Vec<_>) = (0..5).map(|_| blocking_work()).unzip();
    let mut callers: Vec<_> = blocked.into_iter().map(|work| Box::pin(pool.run(work))).collect();
    for caller in &mut callers {
        start_waiting(caller).await;
    }
    let refused = pool.run(|| Ok(())).await;
    // Two run and three wait, on two threads, two seconds each.
    let retry_after_of = |refused| match refused {
        Err(PasswordHasherError::Busy { retry_after }) => retry_after,
        other => panic!("{other:?}"),
    };
    assert_eq!(retry_after_of(refused), Duration::from_secs(5));
}

#[tokio::test]
async fn a_caller_that_stops_waiting_makes_room_and_its_work_is_not_done() {
    let pool = pool(1, 1);
    let (work, blocker) = blocking_work();
    let mut blocking = pin!(pool.run(work));
    start_waiting(&mut blocking).await;
    blocker.started.await.unwrap();

    let is_done = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&is_done);
    let mut impatient = Box::pin(pool.run(move || {
        done.store(true, Ordering::SeqCst);
        Ok(())
    }));
    start_waiting(&mut impatient).await;
    assert!(matches!(pool.run(|| Ok(())).await, Err(PasswordHasherError::Busy { .. })));
    drop(impatient);

    let mut patient = pin!(pool.run(|| Ok("patient")));
    start_waiting(&mut patient).await;
    blocker.release.send(()).unwrap();
    assert_eq!(patient.await.unwrap(), "patient");
    // The only thread would have run it first.
    assert!(!is_done.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_caller_that_stops_waiting_makes_no_room_while_its_work_runs() {
    let pool = pool(1, 0);
    let (work, blocker) = blocking_work();
    tokio::select! {
        result = pool.run(work) => panic!("{result:?}"),
        started = blocker.started => started.unwrap(),
    }
    assert!(matches!(pool.run(|| Ok(())).await, Err(PasswordHasherError::Busy { .. })));
    blocker.release.send(()).unwrap();
}

#[tokio::test]
async fn work_that_panics_is_an_error_and_its_thread_is_used_again() {
    let pool = pool(1, 1);
    for _ in 0..3 {
        let result = pool.run(|| -> Result<(), PasswordHasherError> { panic!("on purpose") }).await;
        assert!(matches!(result, Err(PasswordHasherError::Failed(_))), "{result:?}");
    }
    assert_eq!(pool.run(|| Ok("alive")).await.unwrap(), "alive");
}

#[test]
fn the_estimate_follows_the_measured_durations() {
    let pool = pool(1, 1);
    let took = Duration::from_millis(100);
    for _ in 0..100 {
        pool.statistics.add(took);
    }
    let mean = pool.statistics.mean();
    assert!(mean >= took && mean < took + Duration::from_millis(1), "{mean:?}");
}

thread_local! {
    /// Dropped when its thread ends.
    static KEPT_BY_THE_THREAD: RefCell<Option<mpsc::Sender<()>>> = const { RefCell::new(None) };
}

#[tokio::test]
async fn the_threads_end_with_the_pool() {
    const THREADS: usize = 3;
    let pool = Arc::new(pool(THREADS, THREADS));
    let (kept, is_gone) = mpsc::channel();
    let together = Arc::new(Barrier::new(THREADS));
    let mut callers = JoinSet::new();
    for _ in 0..THREADS {
        let (pool, kept, together) = (Arc::clone(&pool), kept.clone(), Arc::clone(&together));
        callers.spawn(async move {
            let work = move || {
                KEPT_BY_THE_THREAD.with(|keeper| *keeper.borrow_mut() = Some(kept));
                together.wait();
                Ok(())
            };
            pool.run(work).await.unwrap();
        });
    }
    callers.join_all().await;
    drop(kept);
    assert_eq!(is_gone.try_recv(), Err(mpsc::TryRecvError::Empty), "the threads exist");
    drop(pool);
    let timeout = Duration::from_mins(1);
    assert_eq!(is_gone.recv_timeout(timeout), Err(mpsc::RecvTimeoutError::Disconnected), "the last thread has ended");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_threads_have_a_low_priority() {
    let niceness = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
    let of_the_pool = pool(1, 0).run(move || Ok(niceness())).await;
    assert_eq!(of_the_pool.unwrap(), priority::NICENESS);
    assert!(niceness() < priority::NICENESS, "this thread is not in the pool");
}

#[test]
fn half_of_the_processors_hash_by_default() {
    let options = HashPoolOptions::default();
    let processors = thread::available_parallelism().unwrap().get();
    assert_eq!(options.threads.get(), (processors / 2).max(1));
    assert_eq!(options.queue_max, 32 * options.threads.get());
}
