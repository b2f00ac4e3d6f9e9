//! What can only be tested from inside: which statements are sent, and how one batch is stored.

mod audit;
mod bulk;
mod durability;
mod jobs;
mod lists;
mod look_ups;
mod many_texts;
mod one_message;
mod refused_replies;
mod replies;
mod search;
mod search_text;
mod signing_in;

use std::sync::{Arc, Mutex};

use incident_domain::{
    identity::User,
    incidents::{Incident, IncidentFilter, IncidentSort},
    kernel::{Conflict, Page, PageRequest, PageSize, Record as _},
    write::{ChangeSet, CommitError},
};
use incident_store_contract::{Harness, Ports, async_trait, scene::Scene};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement};
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::{SeaOrmStore, options::StoreOptions, pools::Pools};

/// Records the texts of the statements of a pool.
#[derive(Clone, Default)]
pub(crate) struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    fn record(&self, pool: &mut DatabaseConnection) {
        let texts = Arc::clone(&self.0);
        pool.set_metric_callback(move |info| texts.lock().expect("the texts").push(info.statement.sql.clone()));
    }

    /// Returns the statements that were sent since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        let statements = |message: String| message.split(';').map(str::to_owned).collect::<Vec<_>>();
        let mut statements: Vec<String> = self.take_messages().into_iter().flat_map(statements).collect();
        // The statements that begin and end transactions name no table.
        statements.retain(|text| text.contains('"'));
        statements
    }

    /// Returns the messages that were sent since the last call; one may hold several statements.
    fn take_messages(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("the texts"))
    }
}

/// A store whose statements are recorded.
pub(crate) struct Recorded {
    pub(crate) store: SeaOrmStore,
    pub(crate) read: Statements,
    pub(crate) written: Statements,
    /// Holds the SQLite file.
    _folder: Option<TempDir>,
}

impl Recorded {
    /// Creates a store on a SQLite file of its own.
    pub(crate) async fn create() -> Self {
        Self::create_with("").await
    }

    /// Creates a store on a SQLite file of its own, whose URL has these parameters.
    async fn create_with(parameters: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/incidents.db{parameters}", folder.path().display());
        Self { _folder: Some(folder), ..Self::over(&url).await }
    }

    /// Migrates the database with this URL, and opens a store on it.
    async fn over(url: &str) -> Self {
        incident_migrations::up(url).await.expect("the schema");
        let options = StoreOptions::new(url);
        let mut pools = Pools::build(&options).expect("the pools");
        let (read, written) = (Statements::default(), Statements::default());
        read.record(pools.read.first_mut());
        written.record(pools.write.first_mut());
        let store = SeaOrmStore::start(pools, &Handle::current(), &options);
        Self { store, read, written, _folder: None }
    }

    /// Returns the query plan of SQLite for a statement.
    async fn plan(&self, statement: &str) -> Vec<String> {
        let explain = Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {statement}"));
        let steps = self.store.reader().query_all_raw(explain).await.expect("a plan");
        steps.iter().map(|step| step.try_get_by("detail").expect("a detail")).collect()
    }
}

#[async_trait]
impl Harness for Recorded {
    async fn open(&self) -> Ports {
        Ports::all_of(Arc::new(self.store.clone()))
    }
}

#[tokio::test]
async fn a_page_of_incidents_with_their_timelines_takes_two_statements_whatever_its_size() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    for _ in 0..7 {
        scene.commit(ChangeSet::new().revise(scene.plain())).await;
    }
    for size in [1, 3, 50].map(|size| PageSize::parse(size).expect("a size")) {
        let pages = [PageRequest::After { cursor: None, size }, PageRequest::Numbered { page: 1, size }];
        for page in pages {
            recorded.read.take();
            let (filter, sort) = (IncidentFilter::default(), IncidentSort::default());
            let page: Page<_> = scene.ports.incidents.list(&filter, sort, page).await.expect("a page");
            let ids: Vec<_> = page.items.iter().map(|incident| incident.id).collect();
            let entries = scene.ports.timeline.latest_entries(&ids, 5).await.expect("the entries");
            assert_eq!(entries.len(), ids.len());
            let sent = recorded.read.take();
            assert_eq!(sent.len(), 2, "{sent:#?}");
        }
    }
}

#[tokio::test]
async fn a_batch_inserts_into_each_table_once_and_keeps_the_order_of_events() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let sets = (0..4).map(|_| {
        let set = ChangeSet::new().revise(scene.plain()).insert(scene.action());
        set.insert_all([scene.event(), scene.event()])
    });
    let outcomes = recorded.store.commit_as_one_batch(sets.collect()).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let sent = recorded.written.take();
    let inserts: Vec<_> = sent.iter().filter_map(|text| text.split('"').nth(1)).collect();
    assert_eq!(inserts, ["incidents", "timeline_entries", "search_texts", "actions", "events"]);
    let logged = scene.ports.events.after(0, 100).await.expect("the events");
    let ids: Vec<_> = logged.iter().map(|logged| logged.event.id).collect();
    assert!(ids.is_sorted(), "the events stand in the order of their ids: {ids:?}");
}

#[tokio::test]
async fn in_a_batch_only_the_set_at_fault_is_refused() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let taken = scene.user_with_email("ada@example.org");
    scene.commit(ChangeSet::new().insert(taken)).await;

    let good = || ChangeSet::new().revise(scene.plain()).insert_all([scene.event()]);
    let duplicate = good().insert(scene.user_with_email("ADA@example.org"));
    let missing = good().insert(scene.session_of(scene.user().id));
    let outcomes = recorded.store.commit_as_one_batch(vec![good(), duplicate, good(), missing, good()]).await;

    let conflicts: Vec<_> = outcomes.iter().map(conflict).collect();
    let (duplicate, missing) = (Conflict::Duplicate(User::EMAIL), Conflict::Missing(User::KIND));
    assert_eq!(conflicts, [None, Some(duplicate), None, Some(missing), None]);
    let logged = scene.ports.events.after(0, 100).await.expect("the events");
    assert_eq!(logged.len(), 3, "refused sets leave no event");
}

#[tokio::test]
async fn writers_of_one_incident_share_a_batch_and_one_of_them_succeeds() {
    const WRITERS: usize = 64;
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let opened = scene.plain();
    let incident = opened.incident().clone();
    scene.commit(ChangeSet::new().revise(opened)).await;
    recorded.written.take();

    let comments = (0..WRITERS).map(|_| ChangeSet::new().revise(scene.comment(&incident)));
    let outcomes = recorded.store.commit_as_one_batch(comments.collect()).await;
    let stale = outcomes.iter().filter(|outcome| conflict(outcome) == Some(Conflict::Stale)).count();
    assert_eq!(stale, WRITERS - 1, "{outcomes:?}");
    let sent = recorded.written.take();
    assert_eq!(sent.len(), 4, "one update, one query for the refused sets, two inserts: {sent:#?}");
}

#[tokio::test]
async fn in_a_batch_a_deletion_can_follow_a_comment_but_a_comment_cannot_follow_a_deletion() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let opened = scene.plain();
    let incident = opened.incident().clone();
    scene.commit(ChangeSet::new().revise(opened)).await;
    let comment = || ChangeSet::new().revise(scene.comment(&incident));
    let deletion = ChangeSet::new().delete_incident(&incident);
    // The entry of the first comment refers to the incident that is deleted, so that the sets are stored one by one.
    let outcomes = recorded.store.commit_as_one_batch(vec![comment(), deletion, comment()]).await;
    let gone = Some(Conflict::Missing(Incident::KIND));
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [None, None, gone]);
}

#[tokio::test]
async fn a_set_that_fails_at_its_second_guard_is_refused_and_the_others_are_stored() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let [first, second, third] = [scene.plain(), scene.plain(), scene.plain()];
    let incidents = [&first, &second, &third].map(|revision| revision.incident().clone());
    for revision in [first, second, third] {
        scene.commit(ChangeSet::new().revise(revision)).await;
    }
    let [first, second, third] = incidents;
    scene.commit(ChangeSet::new().revise(scene.comment(&second))).await;

    let both = ChangeSet::new().revise(scene.comment(&first)).revise(scene.comment(&second));
    let other = ChangeSet::new().revise(scene.comment(&third));
    let outcomes = recorded.store.commit_as_one_batch(vec![both, other]).await;
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [Some(Conflict::Stale), None]);
    let untouched = scene.ports.incidents.find(first.id).await.expect("a read");
    assert_eq!(untouched, Some(first));
}

fn conflict(outcome: &Result<(), CommitError>) -> Option<Conflict> {
    match outcome {
        Err(CommitError::Conflict(conflict)) => Some(*conflict),
        Ok(()) | Err(CommitError::Unavailable(_)) => None,
    }
}

impl SeaOrmStore {
    async fn commit_as_one_batch(&self, sets: Vec<ChangeSet>) -> Vec<Result<(), CommitError>> {
        self.committer().commit_as_one_batch(sets).await
    }
}
