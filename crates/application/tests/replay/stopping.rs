//! Stopping in the middle, by whatever cause, and going on.

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

/// What is stored is whole: nobody has half a timeline, and each incident is there once.
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
async fn a_replay_that_is_stopped_finishes_what_is_on_its_way_and_goes_on_when_run_again() {
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
async fn a_replay_that_is_stopped_before_it_begins_adds_nothing() {
    let scene = Scene::new();
    let stop = CancellationToken::new();
    stop.cancel();
    let outcome = scene.replay_until(&long_log().log, &stop).await;
    assert!(matches!(outcome.end, ReplayEnd::Interrupted));
    assert_eq!((outcome.remaining, outcome.people_added), (INCIDENTS, 0));
    assert_whole(&scene, 0).await;
}

/// Breaks after so many incidents; counts how many commits it has in its hands at once.
struct Fragile {
    memory: Arc<MemoryStore>,
    breaks_after: usize,
    taken: AtomicUsize,
    at_once: AtomicUsize,
    at_once_max: AtomicUsize,
}

impl Fragile {
    fn new(memory: &Arc<MemoryStore>, breaks_after: usize) -> Arc<Self> {
        Arc::new(Self {
            memory: memory.clone(),
            breaks_after,
            taken: AtomicUsize::new(0),
            at_once: AtomicUsize::new(0),
            at_once_max: AtomicUsize::new(0),
        })
    }
}

#[async_trait]
impl Store for Fragile {
    async fn commit(&self, changes: ChangeSet) -> Result<(), CommitError> {
        let at_once = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.at_once_max.fetch_max(at_once, Ordering::SeqCst);
        // Whoever else wants to commit has the chance to.
        tokio::task::yield_now().await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        let has_incident =
            changes.changes().iter().any(|change| matches!(change, Change::Insert(AnyRecord::Incident(_))));
        if has_incident && self.taken.fetch_add(1, Ordering::SeqCst) >= self.breaks_after {
            return Err(StoreError::unavailable("the disk is full").into());
        }
        self.memory.commit(changes).await
    }
}

#[tokio::test]
async fn a_store_that_fails_ends_the_replay_with_what_was_stored_and_the_next_run_goes_on() {
    let mut scene = Scene::new();
    let log = long_log();
    let store = Fragile::new(&scene.memory, 70);
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
async fn many_incidents_are_on_their_way_at_once_but_not_all() {
    let mut scene = Scene::new();
    let store = Fragile::new(&scene.memory, usize::MAX);
    scene.ports.store = store.clone();
    scene.replay(&long_log().log).await;
    assert_eq!(store.at_once_max.load(Ordering::SeqCst), 64);
}

#[tokio::test]
async fn incidents_are_numbered_in_the_order_of_the_log() {
    let mut scene = Scene::new();
    scene.ports.store = Fragile::new(&scene.memory, usize::MAX);
    let log = long_log();
    scene.replay(&log.log).await;
    let stored = scene.incidents().await;
    assert!(stored.is_sorted_by_key(|incident| incident.number));
    let numbers = stored.iter().map(|incident| incident.external.clone().unwrap().number);
    assert!(numbers.eq(log.log.incidents.iter().map(|incident| incident.number.clone())));
}
