//! The words by which incidents are found, seen from inside.

use incident_domain::{
    identity::User,
    incidents::{
        IncidentFilter, IncidentPatch, IncidentSort, NewIncident, Revision, SearchHit, SearchRepository as _,
        SearchText, Status, TransitionRequest,
    },
    kernel::{Conflict, Label, PageRequest, PageSize, Patch, Record as _, Title},
    write::{ChangeSet, Store as _},
};
use incident_store_contract::scene::{Scene, note, plain_incident};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::{Recorded, conflict};

fn words(text: &str) -> SearchText {
    SearchText::parse(text).expect("words")
}

fn titled(scene: &Scene, title: &str) -> Revision {
    scene.opened(NewIncident { title: Title::parse(title).expect("a title"), ..plain_incident() })
}

fn retitled(title: &str) -> IncidentPatch {
    IncidentPatch { title: Some(Title::parse(title).expect("a title")), ..IncidentPatch::default() }
}

impl Recorded {
    async fn search(&self, text: &str) -> Vec<SearchHit> {
        self.store.search(&words(text), 0, 1_000).await.expect("a search")
    }

    /// Counts the texts, and asserts that the index of SQLite agrees with them.
    async fn texts(&self) -> i64 {
        let writer = self.store.writer();
        let check = "INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)";
        writer.execute_unprepared(check).await.expect("an index of exactly the words of the texts");
        let count = Statement::from_string(DbBackend::Sqlite, "SELECT count(*) AS texts FROM search_texts");
        let row = writer.query_one_raw(count).await.expect("a query").expect("a count");
        row.try_get_by("texts").expect("a number")
    }

    /// Counts the statements that have written words since the last call.
    fn words_written(&self) -> usize {
        self.written.take().iter().filter(|text| text.contains("search_texts")).count()
    }
}

#[tokio::test]
async fn a_search_reads_the_index_of_words_and_what_it_finds_by_key() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    recorded.read.take();
    recorded.search("some* words").await;
    let found = IncidentFilter { text: Some(words("some* words")), ..IncidentFilter::default() };
    let open = IncidentFilter { statuses: vec![Status::Open], ..found.clone() };
    let unresolved = IncidentFilter { statuses: vec![Status::Open, Status::OnHold], ..found.clone() };
    let page = PageRequest::Numbered { page: 1, size: PageSize::DEFAULT };
    for sort in ["-created_at", "opened_at", "-updated_at", "priority"] {
        let sort: IncidentSort = sort.parse().expect("an order");
        for filter in [&found, &open, &unresolved] {
            scene.ports.incidents.list(filter, sort, page.clone()).await.expect("a page");
        }
    }
    let sent = recorded.read.take();
    assert!(sent.len() > 12, "{sent:#?}");
    for statement in sent.iter().filter(|statement| statement.contains("search_index")) {
        let plan = recorded.plan(statement).await;
        assert!(plan.iter().any(|step| step.contains("search_index VIRTUAL TABLE INDEX")), "{plan:#?}");
        let reads_a_table = |step: &&String| {
            ["SCAN text", "SCAN entry", "SCAN incidents", "SCAN search_texts"].iter().any(|scan| step.starts_with(scan))
        };
        assert_eq!(plan.iter().find(reads_a_table), None, "{plan:#?}");
    }
}

#[tokio::test]
async fn words_are_written_only_by_changes_of_words() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    recorded.written.take();
    let mut incident = scene.stored_incident().await;
    assert_eq!(recorded.words_written(), 1, "with a new incident");
    incident = scene.store(scene.comment(&incident)).await;
    assert_eq!(recorded.words_written(), 1, "with a comment");
    incident = scene.store(incident.revise().amend(&retitled("something else"), None, &scene.stamp())).await;
    assert_eq!(recorded.words_written(), 1, "with another title");

    let service =
        IncidentPatch { service: Patch::Set(Label::parse("payments").expect("a label")), ..IncidentPatch::default() };
    let reason = note("a reason is not searched");
    incident = scene.store(incident.revise().amend(&service, Some(&reason), &scene.stamp())).await;
    let step = TransitionRequest::to(Status::Investigating);
    scene.store(incident.revise().transition(&step, &scene.stamp()).expect("a step")).await;
    assert_eq!(recorded.words_written(), 0, "with a service and a step");
    assert_eq!(recorded.texts().await, 2);
}

#[tokio::test]
async fn words_are_replaced_and_deleted_with_their_incident() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let incident = scene.store(titled(&scene, "checkout fails")).await;
    let incident = scene.store(scene.comment(&incident)).await;
    let incident = scene.store(incident.revise().amend(&retitled("login fails"), None, &scene.stamp())).await;
    let found = recorded.search("login").await;
    assert_eq!(found.iter().map(|hit| hit.incident_id).collect::<Vec<_>>(), [incident.id]);
    assert_eq!(recorded.search("checkout").await, []);
    assert_eq!(recorded.texts().await, 2);

    scene.commit(ChangeSet::new().delete_incident(&incident)).await;
    assert_eq!(recorded.search("login").await, []);
    assert_eq!(recorded.texts().await, 0);
}

#[tokio::test]
async fn a_refused_set_leaves_no_words_whether_it_is_alone_or_in_a_batch() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let missing_user = scene.user().id;
    let refused = || {
        let set = ChangeSet::new().revise(titled(&scene, "refused"));
        set.insert(scene.api_token_of(missing_user))
    };
    let alone = recorded.store.commit(refused()).await;
    assert_eq!(conflict(&alone), Some(Conflict::Missing(User::KIND)));
    let taken = ChangeSet::new().revise(titled(&scene, "taken"));
    let outcomes = recorded.store.commit_as_one_batch(vec![refused(), taken]).await;
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [Some(Conflict::Missing(User::KIND)), None]);
    assert_eq!(recorded.search("refused").await, []);
    assert_eq!(recorded.search("taken").await.len(), 1);
    assert_eq!(recorded.texts().await, 1);
}

#[tokio::test]
async fn titles_that_change_in_one_batch_are_replaced_by_one_statement() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let mut sets = Vec::new();
    for number in 0..5 {
        let incident = scene.stored_incident().await;
        let patch = retitled(&format!("number{number}"));
        sets.push(ChangeSet::new().revise(incident.revise().amend(&patch, None, &scene.stamp())));
    }
    let late = sets[0].clone();
    recorded.written.take();
    sets.push(late);
    let outcomes = recorded.store.commit_as_one_batch(sets).await;
    assert_eq!(outcomes.iter().filter_map(conflict).collect::<Vec<_>>(), [Conflict::Stale]);
    assert_eq!(recorded.words_written(), 1);
    assert_eq!(recorded.search("number*").await.len(), 5);
    assert_eq!(recorded.texts().await, 5);
}
