//! Indexing makes incidents of older releases searchable.

#![expect(clippy::expect_used, reason = "a test fails by a panic")]

mod databases;

use databases::{PostgresDatabase, SqliteDatabase};
use incident_domain::{
    incidents::{Incident, IncidentId, IncidentPatch, NewIncident, SearchRepository as _, SearchText},
    kernel::{Description, Title},
    write::{ChangeSet, CommitError, Store as _},
};
use incident_store_contract::{
    Harness,
    scene::{Scene, at_once, note, plain_incident},
};
use incident_store_seaorm::SeaOrmStore;

/// More than one transaction indexes.
const INCIDENTS: usize = 450;

/// More comments of one incident than one batch reads.
const COMMENTS: usize = 520;

#[tokio::test]
async fn on_sqlite_incidents_of_older_releases_are_found_by_their_words() {
    let database = SqliteDatabase::create().await;
    older_incidents_are_found(&database, &database.url, || database.open()).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn on_postgres_incidents_of_older_releases_are_found_by_their_words() {
    let database = PostgresDatabase::create().await;
    older_incidents_are_found(&database, database.url(), || database.open()).await;
}

#[tokio::test]
async fn on_sqlite_titles_that_change_during_indexing_are_found_and_the_old_ones_are_not() {
    let database = SqliteDatabase::create().await;
    changing_titles_are_found(&database, &database.url, || database.open()).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn on_postgres_titles_that_change_during_indexing_are_found_and_the_old_ones_are_not() {
    let database = PostgresDatabase::create().await;
    changing_titles_are_found(&database, database.url(), || database.open()).await;
}

/// Removes the words with their table, and adds the empty table again.
async fn forget_words(url: &str) {
    let steps = incident_migrations::status(url).await.expect("the steps");
    let words = steps.iter().position(|step| step.name.ends_with("_search_texts")).expect("the step");
    let since = u32::try_from(steps.len() - words).expect("a number of steps");
    incident_migrations::down(url, since).await.expect("the way back");
    incident_migrations::up(url).await.expect("the way to this release");
}

async fn found(store: &SeaOrmStore, text: &str) -> Vec<IncidentId> {
    let text = SearchText::parse(text).expect("words");
    let hits = store.search(&text, 0, 1_000).await.expect("a search");
    hits.iter().map(|hit| hit.incident_id).collect()
}

/// Stores incidents, the first one with many comments.
async fn older_incidents(scene: &Scene) -> Vec<Incident> {
    let mut incidents = Vec::new();
    let mut set = ChangeSet::new();
    for number in 0..INCIDENTS {
        let title = Title::parse(format!("older title{number}")).expect("a title");
        let description = Some(Description::parse(format!("older description{number}")).expect("a description"));
        let opened = scene.opened(NewIncident { title, description, ..plain_incident() });
        incidents.push(opened.incident().clone());
        set = set.revise(opened);
    }
    scene.commit(set).await;
    let first = incidents.first_mut().expect("an incident");
    let mut commented = first.clone().revise();
    for number in 0..COMMENTS {
        commented = commented.comment(note(format!("older comment{number}")), &scene.stamp());
    }
    *first = scene.store(commented).await;
    incidents
}

async fn older_incidents_are_found(harness: &dyn Harness, url: &str, open: impl Fn() -> SeaOrmStore) {
    let scene = Scene::set(harness).await;
    let incidents = older_incidents(&scene).await;
    forget_words(url).await;
    let store = open();
    let newer = scene.plain();
    let newer_id = newer.incident().id;
    store.commit(ChangeSet::new().revise(newer)).await.expect("a newer incident");
    assert_eq!(found(&store, "older").await, []);

    let mut progress = Vec::new();
    let indexed = store.index_texts(|indexed| progress.push(indexed)).await.expect("the words");
    assert_eq!(indexed, INCIDENTS as u64);
    assert_eq!(progress, [200, 400, 450]);
    assert_eq!(store.index_texts(|_| panic!("nothing is left")).await.expect("no words"), 0);

    let newest_first: Vec<_> = incidents.iter().rev().map(|incident| incident.id).collect();
    assert_eq!(found(&store, "older").await, newest_first);
    assert_eq!(found(&store, "title7").await, [incidents[7].id]);
    assert_eq!(found(&store, "description449").await, [incidents[449].id]);
    assert_eq!(found(&store, "comment519").await, [incidents[0].id]);
    assert_eq!(found(&store, "work").await, [newer_id]);
    store.close().await;
}

/// A task that runs beside others.
type Work = std::pin::Pin<Box<dyn Future<Output = Result<u64, CommitError>> + Send>>;

async fn changing_titles_are_found(harness: &dyn Harness, url: &str, open: impl Fn() -> SeaOrmStore) {
    let scene = Scene::set(harness).await;
    let incidents = older_incidents(&scene).await;
    forget_words(url).await;
    let (writer, indexer, another) = (open(), open(), open());
    let changes = incidents.iter().skip(1).enumerate().map(|(number, incident)| {
        let title = Some(Title::parse(format!("newer title{number}")).expect("a title"));
        let patch = IncidentPatch { title, ..IncidentPatch::default() };
        ChangeSet::new().revise(incident.clone().revise().amend(&patch, None, &scene.stamp()))
    });
    let changes: Vec<ChangeSet> = changes.collect();
    let write = async move {
        for set in changes {
            writer.commit(set).await?;
        }
        writer.close().await;
        Ok::<u64, CommitError>(0)
    };
    let index = |store: SeaOrmStore| async move {
        let count = store.index_texts(|_| ()).await.map_err(CommitError::Unavailable)?;
        store.close().await;
        Ok(count)
    };
    let tasks: Vec<Work> = vec![Box::pin(write), Box::pin(index(indexer)), Box::pin(index(another))];
    for outcome in at_once(tasks).await {
        outcome.expect("concurrent indexing and writing succeed");
    }

    let store = open();
    assert_eq!(found(&store, "newer").await.len(), INCIDENTS - 1);
    for (number, incident) in incidents.iter().skip(1).enumerate() {
        let title = SearchText::parse(&format!("newer title{number}")).expect("words");
        let hits = store.search(&title, 0, 2).await.expect("a search");
        assert_eq!(hits.iter().map(|hit| hit.incident_id).collect::<Vec<_>>(), [incident.id]);
    }
    assert_eq!(found(&store, "title0 description0").await, [incidents[0].id]);
    store.close().await;
}
