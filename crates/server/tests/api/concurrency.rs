//! Concurrent changes.

use std::collections::BTreeSet;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::{Client, Running, TestServer, send};

/// Checks in several rounds that one of 64 patches with the same entity tag succeeds.
async fn assert_one_of_64_succeeds(server: &TestServer, servers: &[&Running]) {
    let root = server.root().await;
    let opened = root.open("raced").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    let clients: Vec<Client> = servers.iter().map(|server| server.with(root)).collect();
    for round in 1..=5_u32 {
        let patches = (0..64).map(|writer| {
            let request = clients[writer % clients.len()].request(Method::PATCH, &path);
            let request = request.header("If-Match", format!("\"{round}\""));
            send(request.json(&json!({"title": format!("round {round} writer {writer}")})))
        });
        let answers = join_all(patches).await;
        let (succeeded, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((succeeded.len(), refused.len()), (1, 63), "{answers:?}");
        assert!(refused.iter().all(|answer| answer.code() == (412, "precondition_failed")), "{refused:?}");
        assert_eq!(root.get(&path).await.text, succeeded[0].text, "the response of the winner is the current state");
    }
    let logs = root.get(&format!("{path}/logs")).await;
    assert_eq!(logs.body["total"], 6, "refused patches left no entry in the timeline");
}

#[tokio::test]
async fn of_64_patches_with_one_entity_tag_exactly_one_succeeds() {
    let server = TestServer::start().await;
    assert_one_of_64_succeeds(&server, &[server.running()]).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn of_64_patches_with_one_entity_tag_on_two_servers_exactly_one_succeeds() {
    let server = TestServer::start_on_postgres().await;
    let other = server.start_second();
    assert_one_of_64_succeeds(&server, &[server.running(), &other]).await;
}

/// Sends 64 changes and 64 comments of one incident concurrently, without a condition.
async fn assert_no_write_is_lost(server: &TestServer, servers: &[&Running]) {
    let root = server.root().await;
    let opened = root.open("hot").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    let logs = format!("{path}/logs");
    let clients: Vec<Client> = servers.iter().map(|server| server.with(root)).collect();
    let at = |n: usize| &clients[n % clients.len()];
    let comments = (0..64).map(|n| at(n).post(&logs, json!({"message": format!("remark {n}")})));
    let patches = (0..64).map(|n| at(n).patch(&path, json!({"title": format!("title {n}")})));
    let (comments, patches) = futures::join!(join_all(comments), join_all(patches));
    assert!(comments.iter().all(|answer| answer.status == 201), "{comments:?}");
    assert!(patches.iter().all(|answer| answer.status == 200), "{patches:?}");

    let versions: BTreeSet<u64> = patches.iter().filter_map(|answer| answer.body["version"].as_u64()).collect();
    assert_eq!(versions, (2..=65).collect(), "each change is a version of its own");
    let incident = root.get(&path).await.body;
    assert_eq!(incident["version"], 65);
    let last = patches.iter().find(|answer| answer.body["version"] == 65).expect("one of them was last");
    assert_eq!(last.body, incident);

    let entries = root.get(&format!("{logs}?page_size=200")).await;
    let sequences: Vec<u64> = entries.items().iter().filter_map(|entry| entry["sequence"].as_u64()).collect();
    assert_eq!(sequences, (1..=129).collect::<Vec<_>>(), "no gaps and no duplicates");
    let messages: BTreeSet<&str> = entries.items().iter().filter_map(|entry| entry["message"].as_str()).collect();
    let retitled: BTreeSet<&str> = entries.items().iter().filter_map(|entry| entry["details"]["to"].as_str()).collect();
    for n in 0..64 {
        assert!(messages.contains(format!("remark {n}").as_str()), "remark {n} is lost: {messages:?}");
        assert!(retitled.contains(format!("title {n}").as_str()), "title {n} is lost: {retitled:?}");
    }
    assert_eq!(root.get(&format!("{logs}/verify")).await.body["verdict"], "whole");
}

#[tokio::test]
async fn without_if_match_all_concurrent_writes_of_an_incident_succeed_and_none_is_lost() {
    let server = TestServer::start().await;
    assert_no_write_is_lost(&server, &[server.running()]).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn without_if_match_all_concurrent_writes_on_two_servers_succeed_and_none_is_lost() {
    let server = TestServer::start_on_postgres().await;
    let other = server.start_second();
    assert_no_write_is_lost(&server, &[server.running(), &other]).await;
}

#[tokio::test]
async fn incidents_opened_concurrently_have_different_numbers() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = join_all((0..100).map(|n| {
        let admin = admin.clone();
        async move { admin.open(&format!("storm {n}")).await["number"].to_string() }
    }));
    let mut numbers = opened.await;
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 100);
}

#[tokio::test]
async fn a_user_deleted_during_requests_causes_no_server_error() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let mut broken = Vec::new();
    for _ in 0..10 {
        let (person, other) = (server.person("responder").await, server.person("manager").await);
        let (path, other_path) = (person.path(), other.path());
        let title = json!({"title": "raced"});
        let token = json!({"name": "raced", "role": "viewer"});
        let opened = join_all((0..8).map(|_| person.client.post("/api/v1/incidents", title.clone())));
        let created = join_all((0..8).map(|_| other.client.post("/api/v1/auth/api-tokens", token.clone())));
        let renamed = join_all((0..8).map(|n| other.client.patch("/api/v1/users/me", json!({"name": format!("{n}")}))));
        let gone = futures::future::join(root.delete(&path), root.delete(&other_path));
        let (opened, created, renamed, (gone, other_gone)) = futures::join!(opened, created, renamed, gone);
        assert!([204, 409].contains(&gone.status.as_u16()), "{gone:?}");
        assert_eq!(other_gone.status, 204, "{other_gone:?}");
        for (what, answers) in [("opening", opened), ("creating a token", created), ("renaming", renamed)] {
            let failed = answers.into_iter().filter(|answer| answer.status.is_server_error());
            broken.extend(failed.map(|answer| format!("{what}: {:?}", answer.code())));
        }
    }
    broken.sort();
    broken.dedup();
    assert!(broken.is_empty(), "{broken:#?}");
}
