//! All steps, up and down, on both databases.

#![expect(clippy::expect_used, reason = "a failed step fails the test")]

mod databases;

use databases::tables;
use incident_migrations::{MigrationError, SchemaState, down, down_without_loss, schema_state, status, up};
use incident_test_support::PostgresDatabase;

const ALL_STEPS: u32 = u32::MAX;
/// The numbers of steps of the first and of the second release.
const FIRST_RELEASE: usize = 7;
const SECOND_RELEASE: usize = 11;

/// Takes all steps back that a release did not have.
async fn back_to(url: &str, release: usize) {
    let later = status(url).await.expect("a status").len() - release;
    down(url, u32::try_from(later).expect("few steps")).await.expect("migrated down");
}

async fn all_steps_can_be_applied_taken_back_and_applied_again(url: &str) {
    let nothing: [&str; 0] = [];
    up(url).await.expect("migrated up");
    let all_tables = tables(url).await;
    assert!(all_tables.len() > 15, "{all_tables:?}");
    assert_eq!(schema_state(url).await.expect("a state"), SchemaState::Current);

    down(url, 1).await.expect("one step down");
    let pending = match schema_state(url).await.expect("a state") {
        SchemaState::Behind { pending } => pending,
        other => panic!("{other:?}"),
    };
    let newest = status(url).await.expect("a status").pop().expect("a step");
    assert_eq!(pending, [newest.name]);

    down(url, ALL_STEPS).await.expect("migrated down");
    assert_eq!(tables(url).await, nothing);
    down(url, ALL_STEPS).await.expect("no step to take back");

    up(url).await.expect("migrated up again");
    assert_eq!(tables(url).await, all_tables);
    up(url).await.expect("no step to apply");
    let steps = status(url).await.expect("a status");
    assert!(steps.iter().all(|step| step.applied), "{steps:?}");
}

#[tokio::test]
async fn sqlite_all_steps_can_be_applied_taken_back_and_applied_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    all_steps_can_be_applied_taken_back_and_applied_again(&databases::sqlite_url(folder.path())).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn postgres_all_steps_can_be_applied_taken_back_and_applied_again() {
    let database = PostgresDatabase::create().await;
    all_steps_can_be_applied_taken_back_and_applied_again(database.url()).await;
}

/// Inserts sessions as the first release does, before step 8 and, as during an upgrade, after it.
async fn sessions_of_the_first_release_are_kept_and_completed(url: &str, session: impl Fn(u32, &str) -> String) {
    up(url).await.expect("migrated up");
    back_to(url, FIRST_RELEASE).await;
    databases::execute(url, &session(1, "NULL")).await;
    databases::execute(url, &session(2, "'2026-01-03 00:00:00+00:00'")).await;
    up(url).await.expect("migrated up");
    databases::execute(url, &session(3, "NULL")).await;
    let kept = "SELECT CASE WHEN last_seen_at = created_at THEN 'as created' ELSE 'used later' END
        || ', ' || COALESCE(revoked_because, 'not ended') AS value FROM sessions ORDER BY user_agent";
    let sessions = ["as created, not ended", "as created, signed_out", "used later, not ended"];
    assert_eq!(databases::values(url, kept).await, sessions);

    back_to(url, FIRST_RELEASE).await;
    let left = "SELECT user_agent AS value FROM sessions ORDER BY user_agent";
    assert_eq!(databases::values(url, left).await, ["1", "2", "3"]);
}

const USER: &str = "INSERT INTO users (id, email, email_key, name, role, is_active, created_at, updated_at, version)
    VALUES (USER_ID, 'a@b.c', 'a@b.c', 'A', 'admin', TRUE, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 1)";

fn session_sql(id: &str, user: &str, agent: u32, revoked_at: &str) -> String {
    format!(
        "INSERT INTO sessions (id, user_id, user_agent, created_at, expires_at, revoked_at) VALUES
         ({id}, {user}, '{agent}', '2026-01-02 00:00:00+00:00', '2026-02-01 00:00:00+00:00', {revoked_at})"
    )
}

#[tokio::test]
async fn sqlite_sessions_of_the_first_release_are_kept_and_completed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    up(&url).await.expect("migrated up");
    let user = "X'00000000000000000000000000000001'";
    databases::execute(&url, &USER.replace("USER_ID", user)).await;
    let session = |n: u32, revoked_at: &str| session_sql(&format!("X'{n:032x}'"), user, n, revoked_at);
    sessions_of_the_first_release_are_kept_and_completed(&url, session).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn postgres_sessions_of_the_first_release_are_kept_and_completed() {
    let database = PostgresDatabase::create().await;
    up(database.url()).await.expect("migrated up");
    let user = "'00000000-0000-0000-0000-000000000001'";
    databases::execute(database.url(), &USER.replace("USER_ID", user)).await;
    let session = |n: u32, revoked_at: &str| session_sql(&format!("'{n:032x}'"), user, n, revoked_at);
    sessions_of_the_first_release_are_kept_and_completed(database.url(), session).await;
}

/// Inserts rows as the second release does, before the steps of the third and, as during an upgrade, after them.
async fn rows_of_the_second_release_are_kept_and_completed(url: &str, id: impl Fn(u32) -> String, hash: &str) {
    up(url).await.expect("migrated up");
    back_to(url, SECOND_RELEASE).await;
    let write = async |number: u32| {
        databases::execute(url, &incident_sql(&id(number), number, hash)).await;
        databases::execute(url, &action_sql(&id(number), number)).await;
    };
    write(1).await;
    up(url).await.expect("migrated up");
    write(2).await;
    let seals = "SELECT number || ' ' || hex AS value FROM
        (SELECT number, HEX_OF(timeline_seal) AS hex FROM incidents) AS seals ORDER BY number";
    let hex_of = if url.starts_with("sqlite:") { "hex(timeline_seal)" } else { "encode(timeline_seal, 'hex')" };
    let unsealed = [1, 2].map(|number| format!("{number} {:064}", 0));
    assert_eq!(databases::values(url, &seals.replace("HEX_OF(timeline_seal)", hex_of)).await, unsealed);
    let outcomes = "SELECT target || ' ' || COALESCE(refused_because, 'done') AS value FROM actions ORDER BY target";
    assert_eq!(databases::values(url, outcomes).await, ["incident:1 done", "incident:2 done"]);

    back_to(url, SECOND_RELEASE).await;
    write(3).await;
    let left = "SELECT target AS value FROM actions JOIN incidents ON target = 'incident:' || number ORDER BY target";
    assert_eq!(databases::values(url, left).await, ["incident:1", "incident:2", "incident:3"]);
}

fn incident_sql(id: &str, number: u32, hash: &str) -> String {
    let at = "'2026-01-02 00:00:00+00:00'";
    format!(
        "INSERT INTO incidents (id, number, title, status, priority, labels, opened_at, reopen_count,
             reassignment_count, created_at, updated_at, version, timeline_length, timeline_hash) VALUES
         ({id}, {number}, 'It does not work', 'open', 'high', '{{}}', {at}, 0, 0, {at}, {at}, 1, 1, {hash})"
    )
}

fn action_sql(id: &str, number: u32) -> String {
    format!(
        "INSERT INTO actions (id, actor_kind, kind, target, at) VALUES
         ({id}, 'system', 'incident.open', 'incident:{number}', '2026-01-02 00:00:00+00:00')"
    )
}

#[tokio::test]
async fn sqlite_rows_of_the_second_release_are_kept_and_completed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    let id = |n: u32| format!("X'{n:032x}'");
    rows_of_the_second_release_are_kept_and_completed(&url, id, "X'ff'").await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn postgres_rows_of_the_second_release_are_kept_and_completed() {
    let database = PostgresDatabase::create().await;
    let id = |n: u32| format!("'{n:032x}'");
    rows_of_the_second_release_are_kept_and_completed(database.url(), id, r"'\xff'").await;
}

async fn events_get_an_audience_by_their_kind(url: &str, id: impl Fn(u32) -> String) {
    let insert = async |number: u32, kind: &str| {
        let event = format!(
            "INSERT INTO events (id, kind, subject, occurred_at, payload)
             VALUES ({}, '{kind}', 'subject', '2026-01-02 00:00:00+00:00', '{{}}')",
            id(number)
        );
        databases::execute(url, &event).await;
    };
    up(url).await.expect("migrated up");
    let steps = status(url).await.expect("a status");
    let audiences = steps.iter().position(|step| step.name.ends_with("_event_audiences")).expect("the step");
    let since = u32::try_from(steps.len() - audiences).expect("few steps");
    assert_eq!(down_without_loss(url, since).await.expect("migrated down"), []);
    for (number, kind) in (1..).zip(["incident.opened.v1", "task.created.v1", "category.renamed.v1", "user.created.v1"])
    {
        insert(number, kind).await;
    }
    up(url).await.expect("migrated up");
    insert(5, "incident.closed.v1").await;
    let stored = "SELECT kind || ' ' || audience AS value FROM events ORDER BY position";
    let expected = [
        "incident.opened.v1 members",
        "task.created.v1 members",
        "category.renamed.v1 members",
        "user.created.v1 administrators",
        "incident.closed.v1 administrators",
    ];
    assert_eq!(databases::values(url, stored).await, expected);
    assert_eq!(down_without_loss(url, since).await.expect("migrated down"), [], "kinds determine the audiences");
    let kept = "SELECT kind AS value FROM events";
    assert_eq!(databases::values(url, kept).await.len(), 5);
}

#[tokio::test]
async fn sqlite_events_get_an_audience_by_their_kind() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    events_get_an_audience_by_their_kind(&url, |number| format!("X'{number:032x}'")).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn postgres_events_get_an_audience_by_their_kind() {
    let database = PostgresDatabase::create().await;
    events_get_an_audience_by_their_kind(database.url(), |number| format!("'{number:032x}'")).await;
}

#[tokio::test]
async fn sqlite_several_processes_can_migrate_at_the_same_time() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    let outcomes = tokio::join!(up(&url), up(&url), up(&url), up(&url));
    assert!(matches!(outcomes, (Ok(()), Ok(()), Ok(()), Ok(()))), "{outcomes:?}");
    assert_eq!(schema_state(&url).await.expect("a state"), SchemaState::Current);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn postgres_several_processes_can_migrate_at_the_same_time() {
    let database = PostgresDatabase::create().await;
    let url = database.url();
    let outcomes = tokio::join!(up(url), up(url), up(url), up(url));
    assert!(matches!(outcomes, (Ok(()), Ok(()), Ok(()), Ok(()))), "{outcomes:?}");
    assert_eq!(schema_state(url).await.expect("a state"), SchemaState::Current);
}

#[tokio::test]
async fn a_missing_file_is_said_to_be_missing_and_reading_its_state_does_not_create_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    let state = schema_state(&url).await.expect("a state");
    let steps = status(&url).await.expect("a status");
    assert_eq!(state, SchemaState::Missing { file: folder.path().join("data/incidents.db") });
    assert!(steps.iter().all(|step| !step.applied));
    down(&url, ALL_STEPS).await.expect("no step to take back");
    let made = std::fs::read_dir(folder.path()).expect("a temporary folder").count();
    assert_eq!(made, 0);
}

/// Folders in the places of the files beside it stand for a folder that cannot be written: root can write to any.
#[tokio::test]
async fn a_file_beside_which_sqlite_cannot_write_is_no_failed_migration() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    up(&databases::sqlite_url(folder.path())).await.expect("migrated up");
    let copy = folder.path().join("copy.db");
    std::fs::copy(folder.path().join("data/incidents.db"), &copy).expect("copied");
    for beside in ["copy.db-wal", "copy.db-shm"] {
        std::fs::create_dir(folder.path().join(beside)).expect("a folder");
    }
    let url = format!("sqlite://{}", copy.display());
    let error = schema_state(&url).await.expect_err("SQLite cannot open its files");
    assert!(matches!(error, MigrationError::ReadOnly(_)), "{error:?}");
    assert!(matches!(status(&url).await, Err(MigrationError::ReadOnly(_))));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_no_failed_migration() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("text.db");
    std::fs::write(&file, "no database, but a text that is longer than the header of a database. ".repeat(60))
        .expect("written");
    let error = schema_state(&format!("sqlite://{}", file.display())).await.expect_err("no database");
    assert!(matches!(error, MigrationError::Unreadable(_) | MigrationError::Connect(_)), "{error:?}");
}

#[tokio::test]
async fn an_unknown_step_means_that_a_later_release_migrated_the_database() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    up(&url).await.expect("migrated up");
    databases::execute(&url, "INSERT INTO seaql_migrations VALUES ('m29990101_000001_later', 0)").await;
    let ahead = SchemaState::Ahead { unknown: vec!["m29990101_000001_later".to_owned()] };
    assert_eq!(schema_state(&url).await.expect("a state"), ahead);
    assert!(matches!(up(&url).await, Err(MigrationError::Failed(_))));
}

#[tokio::test]
async fn the_url_may_contain_the_parameter_synchronous() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    let only = format!("{url}?synchronous=normal");
    let among_others = format!("{url}?mode=rw&synchronous=full");
    up(&only).await.expect("migrated up");
    for url in [url, only, among_others] {
        assert_eq!(schema_state(&url).await.expect("a state"), SchemaState::Current);
    }
}

#[tokio::test]
async fn no_error_shows_the_password() {
    let unreachable = "postgres://ada:hunter2@127.0.0.1:1/incidents";
    let malformed = "postgres://ada:hunter2@127.0.0.1:not-a-port/incidents";
    let foreign = "mysql://ada:hunter2@127.0.0.1/incidents";
    let blocked = "sqlite:///dev/null/hunter2/incidents.db";
    for url in [unreachable, malformed, foreign, blocked] {
        let error = up(url).await.expect_err("no database");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

/// The step before the one that brings names into one form.
const NAMES_IN_ANY_FORM: usize = 24;

async fn unique_names_get_one_form_and_none_is_lost(url: &str, id: impl Fn(u32) -> String) {
    up(url).await.expect("migrated up");
    back_to(url, NAMES_IN_ANY_FORM).await;
    // The first and the second one become one address, and the second has the form already.
    for (number, email) in [(1, "Jo\u{308}rg@b.c"), (2, "j\u{f6}rg@b.c"), (3, "Zoe\u{308}@b.c"), (4, "ada@b.c")] {
        let user = USER.replace("USER_ID", &id(number)).replace("'a@b.c', 'a@b.c'", "EMAILS");
        databases::execute(url, &user.replace("EMAILS", &format!("'{email}', '{}'", email.to_lowercase()))).await;
    }
    for (number, name) in [(1, "Cafe\u{301} "), (2, "Caf\u{e9}\u{a0}"), (3, " network"), (4, "plain")] {
        let key = name.to_lowercase();
        let category = "INSERT INTO categories (id, name, name_key, created_at, updated_at, version)
            VALUES (CATEGORY_ID, 'NAME', 'KEY', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00', 1)";
        let category = category.replace("CATEGORY_ID", &id(number)).replace("NAME", name).replace("KEY", &key);
        databases::execute(url, &category).await;
    }
    up(url).await.expect("migrated up");
    let emails = databases::values(url, "SELECT email || '=' || email_key AS value FROM users ORDER BY id").await;
    let kept = "Jo\u{308}rg@b.c=jo\u{308}rg@b.c";
    assert_eq!(emails, [kept, "j\u{f6}rg@b.c=j\u{f6}rg@b.c", "Zo\u{eb}@b.c=zo\u{eb}@b.c", "ada@b.c=ada@b.c"]);
    let names = databases::values(url, "SELECT name || '=' || name_key AS value FROM categories ORDER BY id").await;
    let kept = "Caf\u{e9}\u{a0}=caf\u{e9}\u{a0}";
    assert_eq!(names, ["Caf\u{e9}=caf\u{e9}", kept, "network=network", "plain=plain"]);
}

#[tokio::test]
async fn sqlite_unique_names_get_one_form_and_none_is_lost() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let id = |number| format!("x'{number:032x}'");
    unique_names_get_one_form_and_none_is_lost(&databases::sqlite_url(folder.path()), id).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn postgres_unique_names_get_one_form_and_none_is_lost() {
    let database = PostgresDatabase::create().await;
    let id = |number| format!("'{number:032x}'");
    unique_names_get_one_form_and_none_is_lost(database.url(), id).await;
}
