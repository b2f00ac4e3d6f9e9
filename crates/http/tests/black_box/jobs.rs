//! Background jobs.

use chrono::TimeDelta;
use incident_domain::{
    identity::Role,
    kernel::{Clock, IdGenerator, Job, JobId, JobKind, JobState},
    write::{ChangeSet, Store},
};
use incident_memory::SequentialIds;
use reqwest::Method;
use serde_json::json;

use crate::scene::{Client, Scene};

const ROOT: &str = "root@example.org";
const ADA: &str = "ada@example.org";

/// Starts a server with a dead job and an open one, and returns an administrator, a manager, and the dead job's path.
async fn start() -> (Client, Client, String) {
    let scene = Scene::new();
    scene.user(ROOT, Role::Admin).await;
    scene.user(ADA, Role::Manager).await;
    let (ids, now) = (SequentialIds::new(), scene.clock.now());
    let job = |kind: &str| {
        let kind = JobKind::parse(kind).expect("a kind");
        Job::new(JobId::new(ids.next_id()), kind, r#"{"b":1,"a":[ ]}"#.to_owned(), now + TimeDelta::hours(1), now)
    };
    let dead = Job {
        state: JobState::Dead,
        attempts: 10,
        last_error: Some("the receiver does not answer".to_owned()),
        ..job("webhook.send")
    };
    let path = format!("/jobs/{}", dead.id);
    scene.store.commit(ChangeSet::new().insert(dead).insert(job("maintenance.purge"))).await.expect("stored");
    let client = scene.start();
    (client.sign_in(ROOT).await.0, client.sign_in(ADA).await.0, path)
}

#[tokio::test]
async fn administrators_list_jobs_by_kind_and_state() {
    let (root, _, path) = start().await;
    let all = root.get("/jobs").await;
    assert_eq!(
        (all.status, &all.body["total"], &all.body["items"][0]["kind"]),
        (200, &json!(2), &json!("maintenance.purge"))
    );
    for filter in ["state=dead", "kind=webhook.send", "kind=webhook.send&state=dead&cursor="] {
        let found = root.get(&format!("/jobs?{filter}")).await.body["items"].clone();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{filter}: {found}");
        assert!(path.ends_with(found[0]["id"].as_str().expect("an id")), "{filter}: {found}");
        assert_eq!((&found[0]["state"], &found[0]["attempts"]), (&json!("dead"), &json!(10)), "{filter}");
        assert_eq!(found[0]["last_error"], "the receiver does not answer", "{filter}");
    }
    for (query, expected) in [
        ("state=gone", ("?state", "unknown_value")),
        ("kind=A%20B", ("?kind", "invalid_value")),
        ("cursor=x", ("?cursor", "invalid_value")),
        ("sort=kind", ("?sort", "unknown_parameter")),
    ] {
        assert_eq!(root.get(&format!("/jobs?{query}")).await.invalid(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_dead_job_is_read_and_run_again() {
    let (root, _, path) = start().await;
    let dead = root.get(&path).await;
    assert_eq!((dead.status, dead.header("etag")), (200, "\"1\""));
    assert!(dead.text.contains(r#""payload":{"b":1,"a":[ ]}"#), "{}", dead.text);
    assert_eq!(root.with("If-None-Match", "\"1\"").get(&path).await.status, 304);

    let run_again = format!("/api/v1{path}/run-again");
    let stale = root.with("If-Match", "\"7\"").send(Method::POST, &run_again, None).await;
    assert_eq!(stale.code(), (412, "precondition_failed"));
    let opened = root.with("If-Match", "\"1\"").send(Method::POST, &run_again, None).await;
    assert_eq!((opened.status, opened.header("etag")), (200, "\"2\""));
    assert_eq!((&opened.body["state"], &opened.body["attempts"]), (&json!("open"), &json!(0)));
    assert_eq!(opened.body["run_at"], "2026-01-31T12:00:00Z");
    assert_eq!(root.get(&path).await.body, opened.body);
}

#[tokio::test]
async fn only_administrators_see_jobs() {
    let (root, manager, path) = start().await;
    for refused in [
        manager.get("/jobs").await,
        manager.get(&path).await,
        manager.send(Method::POST, &format!("/api/v1{path}/run-again"), None).await,
    ] {
        assert_eq!(refused.code(), (403, "forbidden"), "{}", refused.text);
    }
    for unknown in ["/jobs/01890000-0000-7000-8000-000000000000", "/jobs/nonsense"] {
        assert_eq!(root.get(unknown).await.code(), (404, "not_found"), "{unknown}");
    }
}
