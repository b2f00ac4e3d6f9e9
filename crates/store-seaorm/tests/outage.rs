//! A database that is away is said to be away, soon, and is used again as soon as it is back.

#![expect(clippy::expect_used, reason = "a test that cannot go on has to stop, and says why")]

mod databases;
mod proxy;

use std::{sync::Arc, time::Duration};

use databases::{PostgresDatabase, options};
use incident_domain::{
    incidents::IncidentId,
    kernel::{HealthError, StoreError},
    write::{ChangeSet, CommitError},
};
use incident_store_contract::{Harness, Ports, async_trait, scene::Scene};
use incident_store_seaorm::{SeaOrmStore, StoreOptions};
use proxy::Proxy;

/// What is not over after this long counts as hanging.
const PATIENCE: Duration = Duration::from_secs(20);

struct Impatient(String);

impl Impatient {
    fn build(&self) -> SeaOrmStore {
        let options = StoreOptions { acquire_timeout: Duration::from_millis(300), ..options(&self.0) };
        SeaOrmStore::build(&options).expect("a store")
    }
}

#[async_trait]
impl Harness for Impatient {
    async fn open(&self) -> Ports {
        Ports::all_of(Arc::new(self.build()))
    }
}

async fn is_away(scene: &Scene) {
    let commit = scene.ports.store.commit(ChangeSet::new().revise(scene.plain()));
    let read = scene.ports.incidents.find(IncidentId::new(scene.uuid()));
    let number = scene.ports.numbers.next();
    let health = scene.ports.health.check();
    let everything = async { tokio::join!(commit, read, number, health) };
    let (commit, read, number, health) = tokio::time::timeout(PATIENCE, everything).await.expect("answers");
    assert!(matches!(commit, Err(CommitError::Unavailable(_))), "{commit:?}");
    assert!(matches!(read, Err(StoreError { .. })), "{read:?}");
    assert!(matches!(number, Err(StoreError { .. })), "{number:?}");
    assert!(matches!(health, Err(HealthError::Unavailable(_))), "{health:?}");
}

/// Tries until it works: the first use after an outage may meet a connection that broke in it.
async fn comes_back(scene: &Scene) {
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
    let found = tokio::time::timeout(PATIENCE, recovery).await.expect("a recovery");
    assert!(found.is_some());
    let health = async { while scene.ports.health.check().await.is_err() {} };
    tokio::time::timeout(PATIENCE, health).await.expect("good health");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let scene = Scene::set(&Impatient("postgres://nobody@127.0.0.1:1/nothing".to_owned())).await;
    is_away(&scene).await;
}

#[tokio::test]
async fn a_file_that_is_not_there_is_unavailable_until_it_is_migrated() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}/incidents.db", folder.path().display());
    let scene = Scene::set(&Impatient(url.clone())).await;
    is_away(&scene).await;
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "no empty store was made");
    incident_migrations::up(&url).await.expect("the schema");
    comes_back(&scene).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn a_server_that_went_away_is_used_again_when_it_is_back() {
    let database = PostgresDatabase::create().await;
    let (mut proxy, url) = Proxy::in_front_of(&database.url).await;
    let scene = Scene::set(&Impatient(url)).await;
    for _ in 0..2 {
        comes_back(&scene).await;
        proxy.cut().await;
        is_away(&scene).await;
        proxy.restore().await;
    }
    comes_back(&scene).await;
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn nothing_that_was_acknowledged_is_lost_when_the_connection_breaks_under_load() {
    const WRITERS: usize = 8;
    let database = PostgresDatabase::create().await;
    let (mut proxy, url) = Proxy::in_front_of(&database.url).await;
    let scene = Scene::set(&Impatient(url)).await;
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
                // The receiver stops listening when it has seen enough.
                let _unheard = first.send(());
            }
        });
    }
    for _ in 0..50 {
        progress.recv().await.expect("commits");
    }
    proxy.cut().await;
    let acknowledged = tokio::time::timeout(PATIENCE, writers.join_all()).await.expect("every writer is answered");
    proxy.restore().await;
    comes_back(&scene).await;
    for id in acknowledged.into_iter().flatten() {
        assert!(scene.ports.incidents.find(id).await.expect("a read").is_some(), "{id} was acknowledged");
    }
    database.remove().await;
}
