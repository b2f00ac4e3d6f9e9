//! Equal requests to two servers on one PostgreSQL.

use futures::future::join_all;
use serde_json::json;

use super::{Happened, at_once::everything_happens_once};
use crate::support::TestServer;

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn equal_requests_to_two_servers_at_once_are_done_once_and_answered_alike() {
    let server = TestServer::start_on_postgres().await;
    let other = server.start_beside();
    everything_happens_once(&server, &[server.running(), &other]).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn many_pairs_of_equal_requests_race_between_two_servers_and_each_is_done_once() {
    let server = TestServer::start_on_postgres().await;
    let other = server.start_beside();
    let (root, person) = (server.root().await, server.person("responder").await);
    let there = other.with(&person.client);
    let before = Happened::seen_by(root).await;
    // Each pair comes at once and alone, which is when both of them do the work most often.
    for round in 0..100 {
        let key = format!("pair {round}");
        let body = json!({"title": format!("pair {round}")});
        let pair = [&person.client, &there].map(|client| client.post_once("/api/v1/incidents", &key, body.clone()));
        let answers = join_all(pair).await;
        assert_eq!(answers[0].what_is_kept(), answers[1].what_is_kept(), "{round}");
        assert_eq!(answers[0].status, 201, "{answers:?}");
        assert_ne!(answers[0].is_replayed(), answers[1].is_replayed(), "one of them did it: {answers:?}");
    }
    assert_eq!(Happened::seen_by(root).await, before.and(100, 100));
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn what_one_server_has_done_another_answers_and_a_key_is_used_up_on_both() {
    let server = TestServer::start_on_postgres().await;
    let other = server.start_beside();
    let person = server.person("responder").await;
    let there = other.with(&person.client);
    let done = person.client.post_once("/api/v1/incidents", "key", json!({"title": "t"})).await;
    let again = there.post_once("/api/v1/incidents", "key", json!({"title": "t"})).await;
    assert_eq!((again.what_is_kept(), again.is_replayed()), (done.what_is_kept(), true));
    let another = there.post_once("/api/v1/incidents", "key", json!({"title": "another"})).await;
    assert_eq!(another.code(), (422, "idempotency_key_reused"));
}
