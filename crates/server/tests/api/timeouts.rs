//! Timeouts of commands.

use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn a_command_that_times_out_while_it_is_stored_takes_effect_once_and_is_replayed() {
    let server = TestServer::start_with(&[("REQUEST_TIMEOUT_SECONDS", "3")]).await;
    let client = server.person("responder").await.client;
    let opened = client.open("checkout answers 500").await;
    let logs = format!("/api/v1/incidents/{}/logs", opened["number"].as_str().expect("a number"));
    let remark = json!({"message": "rolled back"});

    let held = server.database.lock_writes().await;
    let given_up = client.post_once(&logs, "k", remark.clone()).await;
    assert_eq!(given_up.code(), (503, "timed_out"));
    held.release().await;

    // The store finishes a change set that it has received.
    let again = client.post_once(&logs, "k", remark).await;
    assert_eq!((again.status.as_u16(), again.is_replayed()), (201, true), "{again:?}");
    let timeline = client.get(&logs).await;
    assert_eq!(timeline.body["total"], 2, "opened, and one remark: {timeline:?}");
}
