//! `down_without_loss` reports the data that would be lost, and then loses nothing.

#![expect(clippy::expect_used, reason = "a failed step fails the test")]

mod databases;

use incident_migrations::{Loss, SchemaState, down, down_without_loss, schema_state, status, up};
use incident_test_support::PostgresDatabase;

/// The number of steps up to one that only adds columns.
const WITH_ACTION_OUTCOMES: usize = 13;
const ACTION: &str = "INSERT INTO actions (id, actor_kind, kind, target, at, refused_because) VALUES
    (ID, 'system', 'user.create', 'user:1', '2026-01-02 00:00:00+00:00', BECAUSE)";

async fn data_that_would_be_lost_is_reported_and_kept(url: &str, id: impl Fn(u32) -> String) {
    up(url).await.expect("migrated up");
    let newer = status(url).await.expect("a status").len() - WITH_ACTION_OUTCOMES;
    down(url, u32::try_from(newer).expect("few steps")).await.expect("migrated down");
    let action = |n: u32, because: &str| ACTION.replace("ID", &id(n)).replace("BECAUSE", because);
    databases::execute(url, &action(1, "NULL")).await;
    databases::execute(url, &action(2, "'forbidden'")).await;

    let losses = down_without_loss(url, 1).await.expect("the losses");
    let column = Loss::Column { table: "actions".to_owned(), column: "refused_because".to_owned(), rows: 1 };
    assert_eq!(losses, [column]);
    assert_eq!(losses[0].to_string(), "column refused_because of actions, filled in 1 row");
    let tables = databases::tables(url).await;
    let whole = down_without_loss(url, u32::MAX).await.expect("the losses");
    // The counter of incidents starts with a row.
    let (actions, counters) = (("actions", 2), ("counters", 1));
    let table = |(table, rows): (&str, i64)| Loss::Table { table: table.to_owned(), rows };
    assert_eq!(whole, [table(actions), table(counters)]);
    let kept = "SELECT COALESCE(refused_because, 'done') AS value FROM actions ORDER BY target, id";
    assert_eq!(databases::values(url, kept).await, ["done", "forbidden"]);
    assert_eq!(databases::tables(url).await, tables);
    assert_eq!(applied(url).await, WITH_ACTION_OUTCOMES);

    databases::execute(url, "UPDATE actions SET refused_because = NULL").await;
    assert_eq!(down_without_loss(url, 1).await.expect("the losses"), []);
    assert_eq!(applied(url).await, WITH_ACTION_OUTCOMES - 1);
    up(url).await.expect("migrated up");
    assert_eq!(schema_state(url).await.expect("a state"), SchemaState::Current);
}

/// The number of steps of the release before the newest. The newest adds tables, which are empty, and one that is
/// computed from older tables.
const STEPS_OF_THE_PREVIOUS_RELEASE: usize = 14;

async fn a_release_without_data_of_its_own_can_be_taken_back(url: &str, first: &str, words: &str) {
    databases::execute(url, first).await;
    up(url).await.expect("migrated up");
    let texts = format!("INSERT INTO search_texts (incident_id, sequence, words) SELECT id, 0, {words} FROM incidents");
    databases::execute(url, &texts).await;
    let newest = u32::try_from(applied(url).await - STEPS_OF_THE_PREVIOUS_RELEASE).expect("few steps");
    let job = |key: &str| {
        format!(
            "INSERT INTO jobs (id, kind, dedup_key, payload, priority, run_at, attempts, attempts_max, state, created_at,
                 updated_at, version)
             SELECT id, 'purge', {key}, '{{}}', 100, created_at, 0, 10, 'open', created_at, created_at, 1
             FROM users ORDER BY id LIMIT 1"
        )
    };
    databases::execute(url, &job("NULL")).await;
    let lost = Loss::Table { table: "jobs".to_owned(), rows: 1 };
    assert_eq!(down_without_loss(url, newest).await.expect("the losses"), [lost]);
    databases::execute(url, "DELETE FROM jobs").await;
    // A server has run: the job of a periodic kind is created again.
    databases::execute(url, &job("'purge'")).await;
    assert_eq!(down_without_loss(url, newest).await.expect("the losses"), []);
    assert_eq!(applied(url).await, STEPS_OF_THE_PREVIOUS_RELEASE);
}

async fn applied(url: &str) -> usize {
    status(url).await.expect("a status").iter().filter(|step| step.applied).count()
}

#[tokio::test]
async fn sqlite_data_that_would_be_lost_is_reported_and_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    data_that_would_be_lost_is_reported_and_kept(&url, |n| format!("X'{n:032x}'")).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn postgres_data_that_would_be_lost_is_reported_and_kept() {
    let database = PostgresDatabase::create().await;
    data_that_would_be_lost_is_reported_and_kept(database.url(), |n| format!("'{n:032x}'")).await;
}

#[tokio::test]
async fn sqlite_a_release_without_data_of_its_own_can_be_taken_back() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    std::fs::create_dir(folder.path().join("data")).expect("a temporary folder");
    std::fs::write(folder.path().join("data/incidents.db"), "").expect("an empty database");
    let first = include_str!("first_release/sqlite.sql");
    a_release_without_data_of_its_own_can_be_taken_back(&url, first, "title").await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn postgres_a_release_without_data_of_its_own_can_be_taken_back() {
    let database = PostgresDatabase::create().await;
    let first = include_str!("first_release/postgres.sql");
    a_release_without_data_of_its_own_can_be_taken_back(database.url(), first, "to_tsvector(title)").await;
}

#[tokio::test]
async fn a_missing_file_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    assert_eq!(down_without_loss(&url, 1).await.expect("the losses"), []);
    assert_eq!(std::fs::read_dir(folder.path()).expect("a temporary folder").count(), 0);
}
