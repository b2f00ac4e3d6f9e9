//! An unavailable database is reported soon, and is used again as soon as it is available.

#![expect(clippy::expect_used, reason = "a test fails by a panic")]

mod databases;

use std::{sync::Arc, time::Duration};

use databases::{PostgresDatabase, options};
use futures::future::join_all;
use incident_domain::{
    incidents::IncidentId,
    kernel::{HealthError, StoreError},
    write::{ChangeSet, CommitError},
};
use incident_store_contract::{Harness, Ports, async_trait, scene::Scene};
use incident_store_seaorm::{SeaOrmStore, StoreOptions};
use incident_test_support::Proxy;

/// A call that takes longer counts as hanging.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A store with a short timeout on the database with this URL.
struct ShortTimeout(String);

impl ShortTimeout {
    fn build(&self) -> SeaOrmStore {
        let options = StoreOptions { acquire_timeout: Duration::from_millis(300), ..options(&self.0) };
        SeaOrmStore::build(&options).expect("a store")
    }
}

#[async_trait]
impl Harness for ShortTimeout {
    async fn open(&self) -> Ports {
        Ports::all_of(Arc::new(self.build()))
    }
}

async fn assert_unavailable(scene: &Scene) {
    let commit = scene.ports.store.commit(ChangeSet::new().revise(scene.plain()));
    let read = scene.ports.incidents.find(IncidentId::new(scene.uuid()));
    let number = scene.ports.numbers.next();
    let health = scene.ports.health.check();
    let everything = async { tokio::join!(commit, read, number, health) };
    let (commit, read, number, health) = tokio::time::timeout(TIMEOUT, everything).await.expect("answers");
    assert!(matches!(commit, Err(CommitError::Unavailable(_))), "{commit:?}");
    assert!(matches!(read, Err(StoreError { .. })), "{read:?}");
    assert!(matches!(number, Err(StoreError { .. })), "{number:?}");
    assert!(matches!(health, Err(HealthError::Unavailable(_))), "{health:?}");
}

/// Tries until the store works: the first use after an outage may get a broken connection.
async fn recovers(scene: &Scene) {
    let recovery = async {
        loop {
            let revision = scene.plain();
            let id = revision.incident().id;
            if scene.ports.store.commit(ChangeSet::new().revise(revision)).await.is_err() {
                continue;
            }
            if let Ok(found) = scene.ports.incidents.find(id).await {
                return found;
            }
        }
    };
    let found = tokio::time::timeout(TIMEOUT, recovery).await.expect("a recovery");
    assert!(found.is_some());
    let health = async { while scene.ports.health.check().await.is_err() {} };
    tokio::time::timeout(TIMEOUT, health).await.expect("good health");
}

#[tokio::test]
async fn a_server_that_does_not_exist_is_unavailable() {
    let scene = Scene::set(&ShortTimeout("postgres://nobody@127.0.0.1:1/nothing".to_owned())).await;
    assert_unavailable(&scene).await;
}

#[tokio::test]
async fn a_file_that_does_not_exist_is_unavailable_until_it_is_migrated() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}/incidents.db", folder.path().display());
    let scene = Scene::set(&ShortTimeout(url.clone())).await;
    assert_unavailable(&scene).await;
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "no empty database was created");
    incident_migrations::up(&url).await.expect("the schema");
    recovers(&scene).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn a_server_is_used_again_after_an_outage() {
    let database = PostgresDatabase::create().await;
    let (mut proxy, url) = Proxy::in_front_of(database.url()).await.expect("a proxy");
    let scene = Scene::set(&ShortTimeout(url)).await;
    for _ in 0..2 {
        recovers(&scene).await;
        proxy.cut().await;
        assert_unavailable(&scene).await;
        proxy.restore().await.expect("the same port");
    }
    recovers(&scene).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn no_acknowledged_commit_is_lost_when_connections_break_under_load() {
    const WRITERS: usize = 8;
    let database = PostgresDatabase::create().await;
    let (mut proxy, url) = Proxy::in_front_of(database.url()).await.expect("a proxy");
    let scene = Scene::set(&ShortTimeout(url)).await;
    let mut writers = tokio::task::JoinSet::new();
    let (first, mut progress) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..WRITERS {
        let (scene, first) = (Arc::clone(&scene), first.clone());
        writers.spawn(async move {
            let mut acknowledged = Vec::new();
            loop {
                let revision = scene.plain();
                let id = revision.incident().id;
                match scene.ports.store.commit(ChangeSet::new().revise(revision)).await {
                    Ok(()) => acknowledged.push(id),
                    Err(_) => return acknowledged,
                }
                // The receiver is dropped when it has seen enough.
                let _unneeded = first.send(());
            }
        });
    }
    for _ in 0..50 {
        progress.recv().await.expect("commits");
    }
    proxy.cut().await;
    let acknowledged = tokio::time::timeout(TIMEOUT, writers.join_all()).await.expect("every writer is answered");
    proxy.restore().await.expect("the same port");
    recovers(&scene).await;
    for id in acknowledged.into_iter().flatten() {
        assert!(scene.ports.incidents.find(id).await.expect("a read").is_some(), "{id} was acknowledged");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn connections_that_stay_silent_for_ever_are_replaced() {
    let database = PostgresDatabase::create().await;
    let (proxy, url) = Proxy::in_front_of(database.url()).await.expect("a proxy");
    let scene = Scene::set(&ShortTimeout(url)).await;
    for _ in 0..3 {
        recovers(&scene).await;
        proxy.go_silent();
        // As many as there are connections: each waits for a response that never comes.
        let commits = (0..16).map(|_| scene.ports.store.commit(ChangeSet::new().revise(scene.plain())));
        let reads = (0..16).map(|_| scene.ports.incidents.find(IncidentId::new(scene.uuid())));
        let everything = async { tokio::join!(join_all(commits), join_all(reads)) };
        tokio::pin!(everything);
        let early = tokio::time::timeout(Duration::from_millis(100), &mut everything).await;
        assert!(early.is_err(), "the proxy forwards nothing");
        proxy.restore_for_new_connections();
        tokio::time::timeout(TIMEOUT, everything).await.expect("every caller is answered");
    }
    recovers(&scene).await;
}
