//! A database of the first release is migrated to the newest schema and back without losing data.
//!
//! `first_release/README.md` says how that database was made.

#![expect(clippy::expect_used, reason = "a failed step fails the test")]

mod databases;

use std::collections::{BTreeMap, BTreeSet};

use incident_migrations::{SchemaState, down, schema_state, status, up};
use incident_test_support::PostgresDatabase;

const STEPS_OF_THE_FIRST_RELEASE: usize = 7;
const TABLES_OF_THE_FIRST_RELEASE: [&str; 7] =
    ["actions", "counters", "events", "incidents", "sessions", "timeline_entries", "users"];

/// The columns of each table of the first release.
type Columns = BTreeMap<String, Vec<String>>;

/// The rows of each table, as text that distinguishes values of different types.
type Content = BTreeMap<String, BTreeSet<String>>;

async fn migrate_and_compare(url: &str, database_of_the_first_release: &str) {
    databases::execute(url, database_of_the_first_release).await;
    assert_eq!(databases::tables(url).await, TABLES_OF_THE_FIRST_RELEASE);
    let newer = newer_steps(url).await;
    assert!(newer > 0, "there are newer steps");
    let columns = columns(url).await;
    let first = content(url, &columns).await;
    assert_every_column_has_a_value(url, &columns).await;

    up(url).await.expect("migrated up");
    assert_eq!(schema_state(url).await.expect("a state"), SchemaState::Current);
    assert_kept(&content(url, &columns).await, &first, "after migrating up");
    assert_usable(url, &first).await;

    down(url, 1).await.expect("migrated down");
    assert_kept(&content(url, &columns).await, &first, "one step back");
    up(url).await.expect("migrated up again");
    assert_kept(&content(url, &columns).await, &first, "after migrating up again");

    for back in 1..=newer {
        down(url, 1).await.expect("migrated down");
        assert_kept(&content(url, &columns).await, &first, &format!("{back} steps back"));
    }
    assert_eq!(databases::tables(url).await, TABLES_OF_THE_FIRST_RELEASE);
    up(url).await.expect("migrated up again");
    assert_kept(&content(url, &columns).await, &first, "after migrating up again");
}

async fn newer_steps(url: &str) -> usize {
    let steps = status(url).await.expect("a status");
    let applied = steps.iter().filter(|step| step.applied).count();
    assert_eq!(applied, STEPS_OF_THE_FIRST_RELEASE);
    steps.len() - applied
}

async fn columns(url: &str) -> Columns {
    let mut columns = Columns::new();
    for table in TABLES_OF_THE_FIRST_RELEASE {
        let sql = if is_sqlite(url) {
            format!("SELECT name AS value FROM pragma_table_info('{table}')")
        } else {
            format!("SELECT column_name::text AS value FROM information_schema.columns WHERE table_name = '{table}'")
        };
        columns.insert(table.to_owned(), databases::values(url, &sql).await);
    }
    columns
}

async fn content(url: &str, columns: &Columns) -> Content {
    let mut content = Content::new();
    for (table, columns) in columns {
        let sql = if is_sqlite(url) {
            let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
            format!("SELECT {} AS value FROM {table}", quoted.join(" || ', ' || "))
        } else {
            format!("SELECT ROW({})::text AS value FROM {table}", columns.join(", "))
        };
        let rows = databases::values(url, &sql).await;
        let count = rows.len();
        let distinct: BTreeSet<String> = rows.into_iter().collect();
        assert_eq!(distinct.len(), count, "two rows of {table} are equal");
        content.insert(table.clone(), distinct);
    }
    content
}

/// Asserts that every column has a value, since otherwise its loss would not be noticed.
async fn assert_every_column_has_a_value(url: &str, columns: &Columns) {
    for (table, columns) in columns {
        for column in columns {
            let sql = format!("SELECT '{column}' AS value FROM {table} WHERE {column} IS NOT NULL LIMIT 1");
            assert_eq!(databases::values(url, &sql).await, [column.as_str()], "no value in {table}");
        }
    }
}

/// Asserts that all rows of the first release exist. Later releases may add rows.
fn assert_kept(now: &Content, first: &Content, when: &str) {
    for (table, rows) in first {
        let lost: Vec<&String> = rows.difference(&now[table]).collect();
        assert!(lost.is_empty(), "{when}, {table} has lost or changed {lost:#?}");
    }
}

/// Asserts that positions continue after those of the first release, even if tables were replaced, and that no foreign key
/// is violated.
async fn assert_usable(url: &str, first: &Content) {
    let event = "INSERT INTO events (id, kind, subject, occurred_at, payload)
        VALUES (NEW_ID, 'later.v1', 'later:1', '2026-06-01 00:00:00+00:00', '{}')";
    let id = if is_sqlite(url) { "X'ffffffffffffffffffffffffffffffff'" } else { "'ffffffffffffffffffffffffffffffff'" };
    databases::execute(url, &event.replace("NEW_ID", id)).await;
    let position = "SELECT CAST(position AS TEXT) AS value FROM events WHERE kind = 'later.v1'";
    assert_eq!(databases::values(url, position).await, [(first["events"].len() + 1).to_string()]);
    databases::execute(url, "DELETE FROM events WHERE kind = 'later.v1'").await;
    if is_sqlite(url) {
        let violations = "SELECT \"table\" AS value FROM pragma_foreign_key_check";
        assert_eq!(databases::values(url, violations).await, [""; 0]);
    }
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

#[tokio::test]
async fn sqlite_no_data_of_the_first_release_is_lost() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = databases::sqlite_url(folder.path());
    std::fs::create_dir(folder.path().join("data")).expect("a temporary folder");
    std::fs::write(folder.path().join("data/incidents.db"), "").expect("an empty database");
    migrate_and_compare(&url, include_str!("first_release/sqlite.sql")).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn postgres_no_data_of_the_first_release_is_lost() {
    let database = PostgresDatabase::create().await;
    migrate_and_compare(database.url(), include_str!("first_release/postgres.sql")).await;
}
