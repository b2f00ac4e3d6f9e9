//! Requests that take too long while they change something.

use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn what_was_given_up_while_it_was_stored_is_done_once_and_told_to_whoever_asks_again() {
    let server = TestServer::start_with(&[("REQUEST_TIMEOUT_SECONDS", "1")]).await;
    let client = server.person("responder").await.client;
    let opened = client.open("checkout answers 500").await;
    let logs = format!("/api/v1/incidents/{}/logs", opened["number"].as_str().expect("a number"));
    let remark = json!({"message": "rolled back"});

    let held = server.database.hold_writes().await;
    let given_up = client.post_once(&logs, "k", remark.clone()).await;
    assert_eq!(given_up.code(), (503, "timed_out"));
    held.let_go().await;

    // The change set was with the store already, which finishes what it was given.
    let again = client.post_once(&logs, "k", remark).await;
    assert_eq!((again.status.as_u16(), again.is_replayed()), (201, true), "{again:?}");
    let timeline = client.get(&logs).await;
    assert_eq!(timeline.body["total"], 2, "opened, and one remark: {timeline:?}");
}
