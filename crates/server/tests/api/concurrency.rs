//! Many at once.

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::support::{TestServer, send};

#[tokio::test]
async fn of_64_patches_with_one_entity_tag_exactly_one_gets_through() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("raced").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    for round in 1..=5_u32 {
        let patches = (0..64).map(|writer| {
            let request = admin.request(Method::PATCH, &path).header("If-Match", format!("\"{round}\""));
            send(request.json(&json!({"title": format!("round {round} writer {writer}")})))
        });
        let statuses: Vec<u16> = join_all(patches).await.iter().map(|answer| answer.status.as_u16()).collect();
        let count = |status| statuses.iter().filter(|found| **found == status).count();
        assert_eq!((count(200), count(412)), (1, 63), "{statuses:?}");
    }
}

#[tokio::test]
async fn without_if_match_every_writer_of_a_hot_incident_gets_through() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("hot").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    let logs = format!("{path}/logs");
    let comments = (0..32).map(|n| admin.post(&logs, json!({"message": format!("remark {n}")})));
    let patches = (0..32).map(|n| admin.patch(&path, json!({"title": format!("title {n}")})));
    let (comments, patches) = futures::join!(join_all(comments), join_all(patches));
    assert!(comments.iter().all(|answer| answer.status == 201));
    assert!(patches.iter().all(|answer| answer.status == 200));

    let incident = admin.get(&path).await.body;
    assert_eq!(incident["version"], 33);
    let logs = admin.get(&format!("{logs}?page_size=200")).await.body;
    let sequences: Vec<_> = logs["items"].as_array().expect("items").iter().map(|e| e["sequence"].as_u64()).collect();
    assert_eq!(sequences, (1..=65).map(Some).collect::<Vec<_>>(), "no gaps, nothing twice");
}

#[tokio::test]
async fn incidents_opened_at_once_have_numbers_of_their_own() {
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
async fn who_is_removed_while_they_work_gets_no_server_error() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let mut broken = Vec::new();
    for _ in 0..10 {
        let (person, other) = (server.person("responder").await, server.person("manager").await);
        let (path, other_path) = (person.path(), other.path());
        let title = json!({"title": "raced"});
        let token = json!({"name": "raced", "role": "viewer"});
        let opened = join_all((0..8).map(|_| person.client.post("/api/v1/incidents", title.clone())));
        let made = join_all((0..8).map(|_| other.client.post("/api/v1/auth/api-tokens", token.clone())));
        let renamed = join_all((0..8).map(|n| other.client.patch("/api/v1/users/me", json!({"name": format!("{n}")}))));
        let gone = futures::future::join(root.delete(&path), root.delete(&other_path));
        let (opened, made, renamed, (gone, other_gone)) = futures::join!(opened, made, renamed, gone);
        assert!([204, 409].contains(&gone.status.as_u16()), "{gone:?}");
        assert_eq!(other_gone.status, 204, "{other_gone:?}");
        for (what, answers) in [("opening", opened), ("making a token", made), ("renaming", renamed)] {
            let failed = answers.into_iter().filter(|answer| answer.status.is_server_error());
            broken.extend(failed.map(|answer| format!("{what}: {:?}", answer.code())));
        }
    }
    broken.sort();
    broken.dedup();
    assert!(broken.is_empty(), "{broken:#?}");
}
