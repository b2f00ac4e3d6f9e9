//! The positions of events follow the order of commits, with several lanes and several processes.

#![expect(clippy::expect_used, reason = "a test fails by a panic")]

mod databases;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use databases::PostgresDatabase;
use incident_domain::{
    kernel::EventLog as _,
    write::{ChangeSet, Store as _},
};
use incident_store_contract::scene::Scene;
use incident_store_seaorm::{SeaOrmStore, StoreOptions};

const PROCESSES: usize = 3;
const WRITERS_EACH: usize = 6;
const COMMITS_EACH: usize = 40;
const EVENTS_EACH: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn a_reader_of_the_log_misses_no_event_while_many_lanes_commit() {
    let database = PostgresDatabase::create().await;
    let scene = Scene::set(&database).await;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..PROCESSES {
        let options = StoreOptions { lanes: 4, batch_sets_max: 3, ..StoreOptions::new(database.url()) };
        let store = SeaOrmStore::build(&options).expect("a store");
        for _ in 0..WRITERS_EACH {
            let (store, scene) = (store.clone(), Arc::clone(&scene));
            writers.spawn(async move {
                for _ in 0..COMMITS_EACH {
                    let events = (0..EVENTS_EACH).map(|_| scene.event());
                    store.commit(ChangeSet::new().insert_all(events)).await.expect("a commit");
                }
            });
        }
    }
    let written = Arc::new(AtomicBool::new(false));
    let follower = tokio::spawn(follow(database.open(), Arc::clone(&written)));
    writers.join_all().await;
    written.store(true, Ordering::SeqCst);
    let seen = follower.await.expect("the follower");
    assert_eq!(seen, PROCESSES * WRITERS_EACH * COMMITS_EACH * EVENTS_EACH);
}

/// Reads from the last position on, and counts the events. One that appeared at a smaller position would be missing.
async fn follow(store: SeaOrmStore, written: Arc<AtomicBool>) -> usize {
    let (mut position, mut seen) = (0, 0);
    loop {
        let was_written = written.load(Ordering::SeqCst);
        let events = store.after(position, 100).await.expect("events");
        if events.is_empty() && was_written {
            return seen;
        }
        for logged in events {
            assert!(logged.position > position);
            position = logged.position;
            seen += 1;
        }
    }
}
