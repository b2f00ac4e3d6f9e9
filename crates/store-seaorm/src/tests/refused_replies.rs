//! A set whose reply the database refuses leaves no trace. The contract cannot make a database refuse a reply.

use incident_domain::{
    incidents::{Incident, IncidentFilter, IncidentSort},
    kernel::{Action, PageRequest, PageSize, StoredReply, UserId},
    write::{ChangeSet, CommitError, Store as _},
};
use incident_store_contract::scene::{Scene, idempotency_key};
use incident_test_support::PostgresDatabase;
use sea_orm::ConnectionTrait as _;

use super::Recorded;

/// The key of the replies that the database refuses.
const REFUSED: &str = "refused";

const SQLITE_REFUSAL: &str = "CREATE TRIGGER refusal BEFORE INSERT ON idempotent_replies
    WHEN NEW.idempotency_key = 'refused' BEGIN SELECT RAISE(ABORT, 'this reply is refused'); END";

const POSTGRES_REFUSAL: &str = "
    CREATE FUNCTION refusal() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'this reply is refused'; END $$;
    CREATE TRIGGER refusal BEFORE INSERT ON idempotent_replies
        FOR EACH ROW WHEN (NEW.idempotency_key = 'refused') EXECUTE FUNCTION refusal()";

const REFUSAL_BY_CHECK: &str =
    "ALTER TABLE idempotent_replies ADD CONSTRAINT refusal CHECK (idempotency_key <> 'refused')";

/// What one request stores.
struct Request {
    incident: Incident,
    action: Action,
    reply: StoredReply,
    set: ChangeSet,
}

impl Request {
    fn new(scene: &Scene, user: UserId, key: &str) -> Self {
        let (opened, action, event) = (scene.plain(), scene.action(), scene.event());
        let reply = scene.reply_with_key(user, &idempotency_key(key));
        let incident = opened.incident().clone();
        let effect = ChangeSet::new().revise(opened).insert(action.clone()).insert_all([event]);
        Self { incident, action, set: effect.insert(reply.clone()), reply }
    }
}

/// Asserts that exactly these requests are stored, each whole.
async fn assert_stored(scene: &Scene, stored: &[&Request]) {
    let page = PageRequest::After { cursor: None, size: PageSize::DEFAULT };
    let (filter, sort) = (IncidentFilter::default(), IncidentSort::default());
    let incidents = scene.ports.incidents.list(&filter, sort, page).await.expect("the incidents").items;
    let newest_first: Vec<_> = stored.iter().rev().map(|request| request.incident.clone()).collect();
    assert_eq!(incidents, newest_first);
    let newest_first: Vec<_> = stored.iter().rev().map(|request| request.action.clone()).collect();
    assert_eq!(scene.actions().await, newest_first);
    assert_eq!(scene.events().await.len(), stored.len());
    for request in stored {
        assert_eq!(scene.timeline(request.incident.id).await.len(), 1);
        let reply = scene.read_reply(request.reply.user_id, &request.reply.key).await;
        assert_eq!(reply.as_ref(), Some(&request.reply));
    }
}

/// Returns true if the sets were tried in one transaction before each got one of its own.
fn were_together(recorded: &Recorded) -> bool {
    let sent = recorded.written.take();
    sent.iter().any(|text| text.starts_with("INSERT INTO \"idempotent_replies\"") && text.matches("), (").count() == 2)
}

async fn a_set_whose_reply_is_refused_leaves_no_trace(recorded: &Recorded, refusal: &str) {
    recorded.store.writer().execute_unprepared(refusal).await.expect("a trigger or constraint");
    let scene = Scene::set(recorded).await;
    let user = scene.stored_user().await.id;
    let request = |key: &str| Request::new(&scene, user, key);

    let alone = recorded.store.commit(request(REFUSED).set).await;
    assert!(matches!(alone, Err(CommitError::Unavailable(_))), "{alone:?}");
    assert_stored(&scene, &[]).await;
    assert_eq!(scene.read_reply(user, &idempotency_key(REFUSED)).await, None);

    let [first, refused, last] = ["first", REFUSED, "last"].map(request);
    let sets = [&first, &refused, &last].map(|request| request.set.clone());
    recorded.written.take();
    let outcomes = recorded.store.commit_as_one_batch(sets.to_vec()).await;
    assert!(matches!(outcomes.as_slice(), [Ok(()), Err(CommitError::Unavailable(_)), Ok(())]), "{outcomes:?}");
    assert!(were_together(recorded), "the sets shared a transaction first");
    assert_stored(&scene, &[&first, &last]).await;
    assert_eq!(scene.read_reply(user, &refused.reply.key).await, None);
    assert!(scene.timeline(refused.incident.id).await.is_empty());

    let later = request("later");
    recorded.store.commit(later.set.clone()).await.expect("a commit after the refusal");
    assert_stored(&scene, &[&first, &last, &later]).await;
}

#[tokio::test]
async fn on_sqlite_a_set_whose_reply_a_trigger_refuses_leaves_no_trace() {
    a_set_whose_reply_is_refused_leaves_no_trace(&Recorded::create().await, SQLITE_REFUSAL).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn on_postgres_a_set_whose_reply_a_trigger_refuses_leaves_no_trace() {
    on_postgres(POSTGRES_REFUSAL).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn on_postgres_a_set_whose_reply_a_constraint_refuses_leaves_no_trace() {
    on_postgres(REFUSAL_BY_CHECK).await;
}

async fn on_postgres(refusal: &str) {
    let database = PostgresDatabase::create().await;
    let recorded = Recorded::over(database.url()).await;
    a_set_whose_reply_is_refused_leaves_no_trace(&recorded, refusal).await;
    recorded.store.close().await;
}
