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

use tokio::task::JoinSet;

use super::*;

const GUESS: Duration = Duration::from_secs(2);

fn pool(threads: usize, queue_max: usize) -> HashPool {
    let threads = NonZeroUsize::new(threads).unwrap();
    HashPool::try_new(HashPoolOptions { threads, queue_max }, GUESS).unwrap()
}

/// Lets a caller take its place, and says that it has no answer yet.
async fn wait_in_line<T: std::fmt::Debug>(caller: &mut (impl Future<Output = T> + Unpin)) {
    tokio::select! {
        biased;
        answer = caller => panic!("{answer:?}"),
        () = ready(()) => {}
    }
}

/// Work that says when it begins, and ends when it is released or the other end is dropped.
struct Blocker {
    begun: oneshot::Receiver<()>,
    release: mpsc::Sender<()>,
}

fn blocking_work() -> (impl FnOnce() -> Result<(), PasswordHasherError> + Send + 'static, Blocker) {
    let (announce, begun) = oneshot::channel();
    let (release, released) = mpsc::channel();
    let work = move || {
        announce.send(()).unwrap();
        released.recv().map_err(PasswordHasherError::failed)
    };
    (work, Blocker { begun, release })
}

#[tokio::test]
async fn only_so_many_run_at_once_and_those_do() {
    const AT_ONCE: usize = 2;
    let pool = Arc::new(pool(AT_ONCE, 4 * AT_ONCE));
    let running = Arc::new(AtomicUsize::new(0));
    let together = Arc::new(Barrier::new(AT_ONCE));
    let mut callers = JoinSet::new();
    for _ in 0..4 * AT_ONCE {
        let (pool, running, together) = (Arc::clone(&pool), Arc::clone(&running), Arc::clone(&together));
        callers.spawn(async move {
            let work = move || {
                let at_once = running.fetch_add(1, Ordering::SeqCst) + 1;
                together.wait();
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(at_once)
            };
            pool.run(work).await.unwrap()
        });
    }
    let seen = callers.join_all().await;
    assert_eq!(seen.len(), 4 * AT_ONCE);
    assert!(seen.iter().all(|at_once| *at_once <= AT_ONCE), "{seen:?}");
}

#[tokio::test]
async fn work_does_not_block_the_thread_that_serves_others() {
    let pool = pool(1, 0);
    let (work, blocker) = blocking_work();
    // Both run on this test's only thread: the work ends because the other one is let through.
    let other = async { blocker.release.send(()).unwrap() };
    let (answer, ()) = tokio::join!(pool.run(work), other);
    answer.unwrap();
}

#[tokio::test]
async fn who_comes_when_the_queue_is_full_is_told_how_long_it_will_take() {
    let pool = pool(2, 3);
    let (blocked, _blockers): (Vec<_>, Vec<_>) = (0..5).map(|_| blocking_work()).unzip();
    let mut callers: Vec<_> = blocked.into_iter().map(|work| Box::pin(pool.run(work))).collect();
    for caller in &mut callers {
        wait_in_line(caller).await;
    }
    let refused = pool.run(|| Ok(())).await;
    // Two run and three wait, on two threads, two seconds each.
    let told = |refused| match refused {
        Err(PasswordHasherError::Busy { retry_after }) => retry_after,
        other => panic!("{other:?}"),
    };
    // A thread that has not woken up yet leaves its work in the queue, which changes nothing.
    assert_eq!(told(refused), Duration::from_secs(5));
}

#[tokio::test]
async fn who_stops_waiting_makes_room_and_their_work_is_never_done() {
    let pool = pool(1, 1);
    let (work, blocker) = blocking_work();
    let mut blocking = pin!(pool.run(work));
    wait_in_line(&mut blocking).await;
    blocker.begun.await.unwrap();

    let is_done = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&is_done);
    let mut impatient = Box::pin(pool.run(move || {
        done.store(true, Ordering::SeqCst);
        Ok(())
    }));
    wait_in_line(&mut impatient).await;
    assert!(matches!(pool.run(|| Ok(())).await, Err(PasswordHasherError::Busy { .. })));
    drop(impatient);

    let mut patient = pin!(pool.run(|| Ok("patient")));
    wait_in_line(&mut patient).await;
    blocker.release.send(()).unwrap();
    assert_eq!(patient.await.unwrap(), "patient");
    // The only thread would have come to it first.
    assert!(!is_done.load(Ordering::SeqCst));
}

#[tokio::test]
async fn the_thread_itself_passes_over_work_that_nobody_waits_for() {
    let pool = pool(1, 2);
    let (work, blocker) = blocking_work();
    let mut blocking = pin!(pool.run(work));
    wait_in_line(&mut blocking).await;
    let (unwanted, Blocker { begun: unwanted_begun, .. }) = blocking_work();
    let mut impatient = Box::pin(pool.run(unwanted));
    wait_in_line(&mut impatient).await;
    drop(impatient);
    let mut patient = pin!(pool.run(|| Ok(())));
    wait_in_line(&mut patient).await;
    blocker.release.send(()).unwrap();
    patient.await.unwrap();
    assert!(unwanted_begun.await.is_err(), "it was dropped without having begun");
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_make_room_while_its_work_goes_on() {
    let pool = pool(1, 0);
    let (work, blocker) = blocking_work();
    tokio::select! {
        answer = pool.run(work) => panic!("{answer:?}"),
        begun = blocker.begun => begun.unwrap(),
    }
    assert!(matches!(pool.run(|| Ok(())).await, Err(PasswordHasherError::Busy { .. })));
    blocker.release.send(()).unwrap();
}

#[tokio::test]
async fn work_that_panics_is_an_error_and_its_thread_survives() {
    let pool = pool(1, 1);
    for _ in 0..3 {
        let answer = pool.run(|| -> Result<(), PasswordHasherError> { panic!("on purpose") }).await;
        assert!(matches!(answer, Err(PasswordHasherError::Failed(_))), "{answer:?}");
    }
    assert_eq!(pool.run(|| Ok("alive")).await.unwrap(), "alive");
}

#[test]
fn the_estimate_follows_what_hashes_take() {
    let pool = pool(1, 1);
    let took = Duration::from_millis(100);
    for _ in 0..100 {
        pool.shared.lock().busy_threads += 1;
        pool.shared.note_done(took);
    }
    let mean = pool.shared.lock().mean;
    assert!(mean >= took && mean < took + Duration::from_millis(1), "{mean:?}");
}

thread_local! {
    /// Goes when its thread does.
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
    assert_eq!(is_gone.try_recv(), Err(mpsc::TryRecvError::Empty), "the threads live");
    drop(pool);
    let patience = Duration::from_mins(1);
    assert_eq!(is_gone.recv_timeout(patience), Err(mpsc::RecvTimeoutError::Disconnected), "the last thread has ended");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_threads_let_all_others_go_first() {
    let niceness = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
    let of_the_pool = pool(1, 0).run(move || Ok(niceness())).await;
    assert_eq!(of_the_pool.unwrap(), priority::NICENESS);
    assert!(niceness() < priority::NICENESS, "this thread is none of them");
}

#[test]
fn half_of_the_processors_hash_and_each_may_have_a_queue() {
    let options = HashPoolOptions::default();
    let processors = thread::available_parallelism().unwrap().get();
    assert_eq!(options.threads.get(), (processors / 2).max(1));
    assert_eq!(options.queue_max, 32 * options.threads.get());
}
