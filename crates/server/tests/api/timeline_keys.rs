//! Servers whose timeline key is not that of the database, and the change of the key.

use incident_application::incidents::{KeyChange, TimelineKeyPorts, TimelineKeys};
use incident_domain::incidents::TimelineKey;
use incident_server::Adapters;
use serde_json::json;

use crate::support::{Database, TIMELINE_KEY, TestServer, config};

const OTHER_KEY: &str = "another timeline key that only tests know";

/// Adds the other key to those of the database, as `timeline-key change` does.
async fn change_key(database: &Database) {
    let adapters = Adapters::new(&config(&database.url())).expect("adapters");
    let ports = TimelineKeyPorts {
        keys: adapters.store.clone(),
        incidents: adapters.store.clone(),
        timeline: adapters.store.clone(),
    };
    let key = TimelineKey::new(OTHER_KEY.as_bytes()).accepting(TIMELINE_KEY.as_bytes());
    assert_eq!(TimelineKeys::new(ports, key).change().await.expect("changed"), KeyChange::Added);
    adapters.store.close().await;
}

#[tokio::test]
async fn a_server_with_another_key_is_not_ready_and_writes_nothing() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let path = format!("/api/v1/incidents/{}/logs", root.open("sealed").await["id"].as_str().expect("an id"));
    let other = server.start_second_with(&[("TIMELINE_KEY", OTHER_KEY)]);
    let refused = other.with(root);
    for _ in 0..2 {
        let comment = refused.post(&path, json!({"message": "lost"})).await;
        assert_eq!(comment.code(), (503, "unavailable"), "{comment:?}");
        let ready = other.client().get("/health/ready").await;
        assert_eq!(ready.code(), (503, "timeline_key_mismatch"), "{ready:?}");
        let detail = ready.text_of("detail");
        assert!(detail.contains("TIMELINE_KEY is not the key that sealed the timelines"), "{detail}");
    }
    assert_eq!(refused.get(&path).await.body["total"], 1, "it still reads");
    assert_eq!(root.post(&path, json!({"message": "stored"})).await.status, 201);
    assert_eq!(root.get(&format!("{path}/verify")).await.body["verdict"], "whole");
    assert_eq!(server.client().get("/health/ready").await.status, 200);
}

#[tokio::test]
async fn a_running_server_that_does_not_know_a_new_key_is_not_ready_and_stops_writing() {
    let server = TestServer::start().await;
    let root = server.root().await;
    root.open("sealed").await;
    change_key(&server.database).await;
    let ready = server.client().get("/health/ready").await;
    assert_eq!(ready.code(), (503, "timeline_key_mismatch"), "{ready:?}");
    assert!(ready.text_of("detail").contains("TIMELINE_KEYS_RETIRED lacks a key"), "{ready:?}");
    let opened = root.post("/api/v1/incidents", json!({"title": "lost"})).await;
    assert_eq!(opened.code(), (503, "unavailable"), "{opened:?}");
}

#[tokio::test]
async fn replicas_with_both_keys_continue_each_others_timelines_and_repeat_each_others_replies() {
    let server = TestServer::start_with(&[("TIMELINE_KEYS_RETIRED", OTHER_KEY)]).await;
    let root = server.root().await;
    let body = json!({"title": "opened once"});
    let opened = root.post_once("/api/v1/incidents", "once", body.clone()).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    change_key(&server.database).await;
    assert_eq!(server.client().get("/health/ready").await.status, 200);

    let keys = [("TIMELINE_KEY", OTHER_KEY), ("TIMELINE_KEYS_RETIRED", TIMELINE_KEY)];
    let second = server.start_second_with(&keys);
    let other = second.with(root);
    assert_eq!(second.client().get("/health/ready").await.status, 200);
    let repeated = other.post_once("/api/v1/incidents", "once", body).await;
    assert!(repeated.is_replayed(), "{repeated:?}");
    assert_eq!(repeated.replayable_parts(), opened.replayable_parts());
    let reused = other.post_once("/api/v1/incidents", "once", json!({"title": "something else"})).await;
    assert_eq!(reused.code(), (422, "idempotency_key_reused"), "{reused:?}");

    let logs = format!("/api/v1/incidents/{}/logs", opened.text_of("id"));
    for client in [&other, root, &other] {
        let comment = client.post(&logs, json!({"message": "sealed"})).await;
        assert_eq!(comment.status, 201, "{comment:?}");
    }
    for client in [&other, root] {
        let verdict = client.get(&format!("{logs}/verify")).await;
        assert_eq!((&verdict.body["verdict"], &verdict.body["entries_whole"]), (&json!("whole"), &json!(4)));
    }
}
