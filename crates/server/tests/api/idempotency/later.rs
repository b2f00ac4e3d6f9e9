//! Repeated requests after other changes.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::time::{Instant, interval};

use super::kept;
use crate::support::{Answer, Client, TestServer};

const INCIDENTS: &str = "/api/v1/incidents";

fn path_of(incident: &Answer) -> String {
    incident.header("location").to_owned()
}

async fn open(client: &Client) -> Answer {
    client.post_once(INCIDENTS, "opening", json!({"title": "t"})).await
}

fn assert_replayed(again: &Answer, first: &Answer) {
    assert_eq!((again.replayable_parts(), again.is_replayed()), (first.replayable_parts(), true));
}

#[tokio::test]
async fn a_response_is_replayed_after_its_resource_was_changed_or_deleted() {
    let server = TestServer::start().await;
    let client = server.person("manager").await.client;
    let opened = open(&client).await;
    let path = path_of(&opened);
    let retitled = client.patch_once(&path, "retitling", json!({"title": "second"})).await;
    assert_eq!(client.patch(&path, json!({"title": "third"})).await.status, 200);
    assert_replayed(&open(&client).await, &opened);
    assert_replayed(&client.patch_once(&path, "retitling", json!({"title": "second"})).await, &retitled);
    assert_eq!(client.get(&path).await.body["title"], "third", "later changes stay");

    let deleted = client.delete_once(&path, "deleting").await;
    assert_eq!(deleted.status, 204);
    assert_replayed(&open(&client).await, &opened);
    assert_replayed(&client.patch_once(&path, "retitling", json!({"title": "second"})).await, &retitled);
    assert_replayed(&client.delete_once(&path, "deleting").await, &deleted);
    assert_eq!(client.delete_once(&path, "deleting again").await.code(), (404, "not_found"));
    assert_eq!(client.get(INCIDENTS).await.body["total"], 0, "nothing came back");
}

#[tokio::test]
async fn a_command_without_an_effect_is_replayed() {
    let server = TestServer::start().await;
    let client = server.person("responder").await.client;
    let opened = open(&client).await;
    let path = path_of(&opened);
    let same = client.patch_once(&path, "the same", json!({"title": "t"})).await;
    assert_eq!((same.status.as_u16(), same.header("etag")), (200, "\"1\""));
    assert_eq!(client.patch(&path, json!({"title": "another"})).await.status, 200);
    assert_replayed(&client.patch_once(&path, "the same", json!({"title": "t"})).await, &same);
    assert_eq!(client.get(&path).await.body["title"], "another", "it does not change anything now either");
    let me = client.get("/api/v1/users/me").await.body["name"].clone();
    let renamed = client.patch_once("/api/v1/users/me", "name", json!({"name": me})).await;
    assert_eq!(client.patch("/api/v1/users/me", json!({"name": "Augusta"})).await.status, 200);
    assert_replayed(&client.patch_once("/api/v1/users/me", "name", json!({"name": me})).await, &renamed);
    assert_eq!(client.get("/api/v1/users/me").await.body["name"], "Augusta");
}

#[tokio::test]
async fn a_response_is_replayed_after_a_restart_and_in_another_session() {
    let mut server = TestServer::start().await;
    let person = server.person("responder").await;
    let opened = open(&person.client).await;
    let token =
        person.client.post_once("/api/v1/auth/api-tokens", "token", json!({"name": "n", "role": "viewer"})).await;
    for _ in 0..2 {
        server.restart().await;
        let client = server.running().with(&person.client);
        assert_replayed(&open(&client).await, &opened);
    }
    assert_eq!(server.running().with(&person.client).post("/api/v1/auth/logout", json!({})).await.status, 204);
    let other_session = person.sign_in_again(&server).await.client;
    assert_replayed(&open(&other_session).await, &opened);
    let again =
        other_session.post_once("/api/v1/auth/api-tokens", "token", json!({"name": "n", "role": "viewer"})).await;
    assert_replayed(&again, &token);
    assert_eq!(other_session.get("/api/v1/auth/api-tokens").await.body["total"], 1);
    assert_eq!(other_session.get(INCIDENTS).await.body["total"], 1);
}

/// How long the maintenance after the start may take.
const HOUSEKEEPING_MAX: Duration = Duration::from_secs(15);

#[tokio::test]
async fn a_key_can_be_reused_after_a_day() {
    let mut server = TestServer::start().await;
    let person = server.person("responder").await;
    let opened = open(&person.client).await;
    server.database.age_rows("idempotent_replies", "expires_at", 86_300).await;
    let later = person.client.post_once(INCIDENTS, "later", json!({"title": "later"})).await;
    server.restart().await;
    let client = server.running().with(&person.client);
    assert_replayed(&open(&client).await, &opened);

    // Afterwards only the first is older than a day.
    server.database.age_rows("idempotent_replies", "expires_at", 200).await;
    server.restart().await;
    let client = server.running().with(&person.client);
    let (started, mut ticks) = (Instant::now(), interval(Duration::from_millis(500)));
    while kept(&server).await != "1" {
        assert!(started.elapsed() < HOUSEKEEPING_MAX, "it is still kept");
        // A purge that had begun before ends by planning the next one, or holds its lease although its server is gone.
        server.database.age_rows("jobs", "run_at", 100).await;
        server.database.age_rows("jobs", "lease_until", 100).await;
        ticks.tick().await;
    }
    let reopened = open(&client).await;
    assert_eq!((reopened.status.as_u16(), reopened.is_replayed()), (201, false));
    assert_ne!(reopened.header("location"), opened.header("location"));
    assert_replayed(&client.post_once(INCIDENTS, "later", json!({"title": "later"})).await, &later);
}

#[tokio::test]
async fn a_response_is_replayed_after_the_role_was_lowered() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("responder").await);
    let opened = open(&person.client).await;
    assert_eq!(root.patch(&person.path(), json!({"role": "viewer"})).await.status, 200);
    assert_eq!(person.client.post(INCIDENTS, json!({"title": "t"})).await.code(), (403, "forbidden"));
    assert_replayed(&open(&person.client).await, &opened);
}

#[tokio::test]
async fn no_response_is_replayed_to_an_inactive_user() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("responder").await);
    let (machine, _) = person.api_token("responder").await;
    let opened = open(&person.client).await;
    let by_machine = machine.post_once(INCIDENTS, "machine", json!({"title": "t"})).await;
    assert_eq!((opened.status, by_machine.status), (by_machine.status, opened.status));
    assert_eq!(root.patch(&person.path(), json!({"is_active": false})).await.status, 200);
    assert_eq!(open(&person.client).await.code(), (401, "session_ended"));
    let again = machine.post_once(INCIDENTS, "machine", json!({"title": "t"})).await;
    assert_eq!(again.code(), (401, "api_token_ended"));
    assert_eq!(root.patch(&person.path(), json!({"is_active": true})).await.status, 200);
    let back = person.sign_in_again(&server).await.client;
    assert_replayed(&open(&back).await, &opened);
}

#[tokio::test]
async fn replays_count_against_the_rate_limit() {
    let server = TestServer::start_with(&[("REQUESTS_PER_MINUTE", "60")]).await;
    let person = server.person("responder").await;
    let opened = open(&person.client).await;
    assert_eq!(opened.status, 201);
    let again = join_all((0..180).map(|_| open(&person.client))).await;
    let (replayed, refused): (Vec<_>, Vec<_>) = again.iter().partition(|answer| answer.status == 201);
    assert!(!replayed.is_empty() && !refused.is_empty(), "{} were replayed, {} refused", replayed.len(), refused.len());
    assert!(refused.iter().all(|answer| answer.code() == (429, "rate_limited")), "{refused:?}");
    assert!(replayed.iter().all(|answer| answer.replayable_parts() == opened.replayable_parts()), "{replayed:?}");
    for answer in &again {
        assert_eq!(answer.header("ratelimit-policy"), "\"requests_per_user\";q=60;w=60", "{answer:?}");
    }
    let another = server.person("viewer").await.client;
    let refused = another.keyed(Method::POST, INCIDENTS, "opening", &json!({"title": "t"})).await;
    assert_eq!(refused.code(), (403, "forbidden"), "others do not pay for it, nor have they the answer");
}
