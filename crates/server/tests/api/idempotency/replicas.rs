//! Equal requests to two servers on one PostgreSQL database.

use futures::future::join_all;
use serde_json::json;

use super::{Happened, at_once::everything_happens_once};
use crate::support::TestServer;

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn concurrent_equal_requests_to_two_servers_have_one_effect_and_equal_responses() {
    let server = TestServer::start_on_postgres().await;
    let other = server.start_second();
    everything_happens_once(&server, &[server.running(), &other]).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn racing_pairs_of_equal_requests_to_two_servers_have_one_effect_each() {
    let server = TestServer::start_on_postgres().await;
    let other = server.start_second();
    let (root, person) = (server.root().await, server.person("responder").await);
    let there = other.with(&person.client);
    let before = Happened::seen_by(root).await;
    // Each pair is sent concurrently and alone, when both servers most often execute the command.
    for round in 0..100 {
        let key = format!("pair {round}");
        let body = json!({"title": format!("pair {round}")});
        let pair = [&person.client, &there].map(|client| client.post_once("/api/v1/incidents", &key, body.clone()));
        let answers = join_all(pair).await;
        assert_eq!(answers[0].replayable_parts(), answers[1].replayable_parts(), "{round}");
        assert_eq!(answers[0].status, 201, "{answers:?}");
        assert_ne!(answers[0].is_replayed(), answers[1].is_replayed(), "one of them did it: {answers:?}");
    }
    assert_eq!(Happened::seen_by(root).await, before.and(100, 100));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn a_key_used_on_one_server_is_replayed_and_refused_on_another() {
    let server = TestServer::start_on_postgres().await;
    let other = server.start_second();
    let person = server.person("responder").await;
    let there = other.with(&person.client);
    let done = person.client.post_once("/api/v1/incidents", "key", json!({"title": "t"})).await;
    let again = there.post_once("/api/v1/incidents", "key", json!({"title": "t"})).await;
    assert_eq!((again.replayable_parts(), again.is_replayed()), (done.replayable_parts(), true));
    let another = there.post_once("/api/v1/incidents", "key", json!({"title": "another"})).await;
    assert_eq!(another.code(), (422, "idempotency_key_reused"));
}
