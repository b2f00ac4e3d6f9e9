//! Interrupted and failed replays, and their continuation.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use incident_application::work::{Replay, ReplayEnd, ReplayOutcome, ReplayProgress, Standing};
use incident_domain::{
    kernel::StoreError,
    write::{AnyRecord, Change, ChangeSet, CommitError, Store},
};
use incident_memory::MemoryStore;
use tokio_util::sync::CancellationToken;

use crate::scene::{Log, Scene};

const INCIDENTS: usize = 300;

fn long_log() -> Log {
    let mut log = Log::new();
    for number in 0..INCIDENTS {
        log.add(&format!("L{number}"), &[Standing::Investigating, Standing::Closed]);
    }
    log
}

/// Asserts that each stored incident exists once and has a complete timeline.
async fn assert_whole(scene: &Scene, incidents: usize) {
    let stored = scene.incidents().await;
    assert_eq!(stored.len(), incidents);
    for incident in stored {
        assert_eq!(incident.status.as_str(), "closed");
        assert!(!scene.timeline(&incident).await.is_empty());
    }
}

fn assert_accounted(outcome: &ReplayOutcome) {
    assert_eq!(outcome.imported + outcome.already_there + outcome.remaining, INCIDENTS);
    assert_eq!(outcome.updates_imported, 2 * outcome.imported);
}

#[tokio::test]
async fn a_cancelled_replay_finishes_running_commits_and_continues_in_the_next_run() {
    let scene = Scene::new();
    let log = long_log();
    let stop = CancellationToken::new();
    let stop_at_a_tenth = |progress: ReplayProgress| {
        assert_eq!(progress.total, INCIDENTS);
        if progress.done * 10 >= progress.total {
            stop.cancel();
        }
    };
    let replay = Replay::new(scene.ports.clone(), scene.key.clone());
    let outcome = replay.run(&log.log, &stop, &stop_at_a_tenth).await;

    assert!(matches!(outcome.end, ReplayEnd::Interrupted), "{outcome:?}");
    assert!(outcome.imported >= INCIDENTS / 10 && outcome.remaining > INCIDENTS / 2, "{outcome:?}");
    assert_accounted(&outcome);
    assert_whole(&scene, outcome.imported).await;

    let again = scene.replay(&log.log).await;
    assert!(matches!(again.end, ReplayEnd::Complete));
    assert_eq!((again.already_there, again.imported), (outcome.imported, outcome.remaining));
    assert_whole(&scene, INCIDENTS).await;
}

#[tokio::test]
async fn a_replay_cancelled_before_it_starts_adds_nothing() {
    let scene = Scene::new();
    let stop = CancellationToken::new();
    stop.cancel();
    let outcome = scene.replay_until(&long_log().log, &stop).await;
    assert!(matches!(outcome.end, ReplayEnd::Interrupted));
    assert_eq!((outcome.remaining, outcome.people_added), (INCIDENTS, 0));
    assert_whole(&scene, 0).await;
}

/// A store that fails after a number of incidents and counts concurrent commits.
struct FailingStore {
    memory: Arc<MemoryStore>,
    fails_after: usize,
    taken: AtomicUsize,
    concurrent: AtomicUsize,
    concurrent_max: AtomicUsize,
}

impl FailingStore {
    fn new(memory: &Arc<MemoryStore>, fails_after: usize) -> Arc<Self> {
        Arc::new(Self {
            memory: memory.clone(),
            fails_after,
            taken: AtomicUsize::new(0),
            concurrent: AtomicUsize::new(0),
            concurrent_max: AtomicUsize::new(0),
        })
    }
}

#[async_trait]
impl Store for FailingStore {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        let concurrent = self.concurrent.fetch_add(1, Ordering::SeqCst) + 1;
        self.concurrent_max.fetch_max(concurrent, Ordering::SeqCst);
        // Yields so that concurrent commits overlap.
        tokio::task::yield_now().await;
        self.concurrent.fetch_sub(1, Ordering::SeqCst);
        let has_incident =
            changes.changes().iter().any(|change| matches!(change, Change::Insert(AnyRecord::Incident(_))));
        if has_incident && self.taken.fetch_add(1, Ordering::SeqCst) >= self.fails_after {
            return Err(StoreError::unavailable("the disk is full").into());
        }
        self.memory.commit(changes).await
    }
}

#[tokio::test]
async fn a_failing_store_ends_the_replay_and_the_next_run_continues() {
    let mut scene = Scene::new();
    let log = long_log();
    let store = FailingStore::new(&scene.memory, 70);
    scene.ports.store = store.clone();
    let outcome = scene.replay(&log.log).await;

    let ReplayEnd::Failed(error) = &outcome.end else { panic!("{outcome:?}") };
    assert_eq!(error.to_string(), "the store is unavailable");
    assert_eq!((outcome.imported, outcome.people_added), (70, 2));
    let taken = store.taken.load(Ordering::SeqCst);
    assert!(taken <= 70 + 64, "{taken} incidents were sent to a store that is known to fail");
    assert_accounted(&outcome);
    assert_whole(&scene, 70).await;

    scene.ports.store = scene.memory.clone();
    let again = scene.replay(&log.log).await;
    assert_eq!((again.already_there, again.imported), (70, INCIDENTS - 70));
    assert_whole(&scene, INCIDENTS).await;
}

#[tokio::test]
async fn at_most_64_incidents_are_committed_concurrently() {
    let mut scene = Scene::new();
    let store = FailingStore::new(&scene.memory, usize::MAX);
    scene.ports.store = store.clone();
    scene.replay(&long_log().log).await;
    assert_eq!(store.concurrent_max.load(Ordering::SeqCst), 64);
}

#[tokio::test]
async fn incidents_are_numbered_in_the_order_of_the_log() {
    let mut scene = Scene::new();
    scene.ports.store = FailingStore::new(&scene.memory, usize::MAX);
    let log = long_log();
    scene.replay(&log.log).await;
    let stored = scene.incidents().await;
    assert!(stored.is_sorted_by_key(|incident| incident.number));
    let numbers = stored.iter().map(|incident| incident.external.clone().unwrap().number);
    assert!(numbers.eq(log.log.incidents.iter().map(|incident| incident.number.clone())));
}
