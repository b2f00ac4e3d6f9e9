//! Events that were stored without an audience get one by their kind.

#![expect(clippy::expect_used, reason = "a test fails by a panic")]

mod databases;

use databases::PostgresDatabase;
use incident_migrations::{down_without_loss, status, up};

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
    events_get_an_audience_by_their_kind(&database.url, |number| format!("'{number:032x}'")).await;
    database.remove().await;
}
