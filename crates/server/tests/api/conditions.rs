//! PATCH, entity tags and conditional requests.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    matrix::{documented, operations},
    support::{Client, TestServer, send},
};

#[tokio::test]
async fn absent_null_and_a_value_differ_in_a_patch() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let me = admin.get("/api/v1/users/me").await.body["id"].clone();
    let opened = admin
        .post(
            "/api/v1/incidents",
            json!({"title": "t", "service": "checkout", "assigned_to": me, "labels": {"a": "b"}}),
        )
        .await;
    let path = format!("/api/v1/incidents/{}", opened.body["id"].as_str().expect("an id"));

    let kept = admin.patch(&path, json!({"category": "network"})).await.body;
    assert_eq!((&kept["service"], &kept["assigned_to"]), (&json!("checkout"), &me), "absent leaves");
    let cleared = admin.patch(&path, json!({"service": null, "assigned_to": null, "labels": null})).await.body;
    assert!(cleared["service"].is_null() && cleared["assigned_to"].is_null(), "null empties: {cleared}");
    assert_eq!(cleared["labels"], json!({}));
    assert_eq!(cleared["category"], "network");
}

#[tokio::test]
async fn equal_values_change_nothing_and_keep_the_version() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("the same").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    let patched = admin.patch(&path, json!({"title": "the same", "status": "open", "service": null})).await;
    assert_eq!(patched.status, 200);
    assert_eq!(patched.body, opened);
    assert_eq!(admin.get(&format!("{path}/logs")).await.body["total"], 1);
}

/// Returns the resources with an entity tag: the path, a client that may change it, and a patch that changes nothing.
async fn single_resources(server: &TestServer) -> Vec<(&'static str, String, Client, Value)> {
    let root = server.root().await;
    let (person, other) = (server.person("viewer").await, server.person("viewer").await);
    let opened = root.open("conditional").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    let created = async |path: &str, body: Value| {
        let created = root.post(path, body).await;
        assert_eq!(created.status, 201, "{created:?}");
        format!("{path}/{}", created.text_of("id"))
    };
    let task = created("/api/v1/tasks", json!({"title": "conditional"})).await;
    let category = created("/api/v1/categories", json!({"name": "conditional"})).await;
    let view = json!({"name": "conditional", "list": "tasks", "filter": {"status": "todo"}});
    let view = created("/api/v1/users/me/views", view).await;
    let mut resources = vec![
        ("get_category", category, root.clone(), json!({"name": "conditional"})),
        ("get_task", task, root.clone(), json!({"title": "conditional"})),
        ("get_view", view, root.clone(), json!({"name": "conditional"})),
        ("get_incident", path, root.clone(), json!({"title": "conditional"})),
        ("get_me", "/api/v1/users/me".to_owned(), person.client, json!({"name": "Grace Hopper"})),
        ("get_user", other.path(), root.clone(), json!({"name": "Grace Hopper"})),
    ];
    for row in documented::rows() {
        let operation = &operations()[row.operation];
        if operation.method == Method::GET && documented::is_record(&operation.path) {
            let record = documented::record(root, &operation.path).await;
            let same = documented::patch_of_nothing(&operation.path, &record);
            let path = operation.path.replace("{id}", record["id"].as_str().expect("an id"));
            resources.push((row.operation, path, root.clone(), same));
        }
    }
    resources
}

#[test]
fn every_readable_resource_has_a_row() {
    let document: Value = serde_json::from_str(&incident_http::openapi_json()).expect("JSON");
    let mut single = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let get = &item["get"];
        let is_conditional = !get["responses"]["304"].is_null();
        let is_one = get.is_object() && (path.ends_with("{id}") || path.ends_with("/me"));
        assert_eq!(is_conditional, is_one, "{path}");
        if is_one {
            assert!(get["responses"]["200"]["headers"]["ETag"].is_object(), "{path}");
            single.insert(get["operationId"].as_str().expect("an id"));
        }
    }
    // The version of a job changes whenever a worker claims it, so that no row could expect one.
    let mut known =
        BTreeSet::from(["get_category", "get_incident", "get_job", "get_me", "get_task", "get_user", "get_view"]);
    known.extend(documented::rows().iter().map(|row| row.operation).filter(|operation| single.contains(operation)));
    assert_eq!(single, known, "extend `single_resources`");
}

/// Values of `If-Match` for version 1, and the expected responses.
const IF_MATCH: &[(&[&str], u16)] = &[
    (&["\"1\""], 200),
    (&["*"], 200),
    (&["\"7\", \"1\""], 200),
    (&["\"7\",\"1\",\"8\""], 200),
    (&["\"7\"", "\"1\""], 200),
    (&["W/\"1\", \"1\""], 200),
    (&["\"2\""], 412),
    (&["\"7\", \"8\""], 412),
    (&["W/\"1\""], 412),
    (&["\"01\""], 412),
    (&["\"+1\""], 412),
    (&["\"\""], 412),
    (&["\"one\""], 412),
    (&["\"4294967297\""], 412),
    (&["1"], 400),
    (&[""], 400),
    (&["\"1"], 400),
    (&["\"1\" \"1\""], 400),
    (&["*, \"1\""], 400),
];

#[tokio::test]
async fn if_match_accepts_only_the_version_that_was_read() {
    let server = TestServer::start().await;
    for (what, path, client, same) in single_resources(&server).await {
        let read = client.get(&path).await;
        assert_eq!((read.header("etag"), &read.body["version"]), ("\"1\"", &json!(1)), "{what}");
        let patch = |tags: &[&str], body: &Value| {
            let request = client.request(Method::PATCH, &path).json(body);
            send(tags.iter().fold(request, |request, tag| request.header("If-Match", *tag)))
        };
        for (tags, expected) in IF_MATCH {
            let answer = patch(tags, &same).await;
            assert_eq!(answer.status, *expected, "{what}, {tags:?}: {answer:?}");
            let code = match expected {
                400 => "bad_header",
                412 => "precondition_failed",
                _ => "",
            };
            assert_eq!(answer.code().1, code, "{what}, {tags:?}");
        }
        assert_eq!(client.get(&path).await.text, read.text, "{what}: nothing has changed");
        let has_title = ["get_incident", "get_task"].contains(&what);
        let other = if has_title { json!({"title": "another"}) } else { json!({"name": "another"}) };
        assert_eq!(patch(&["\"1\""], &other).await.header("etag"), "\"2\"", "{what}");
        assert_eq!(patch(&["\"1\""], &other).await.status, 412, "{what}: it has changed since");
        assert_eq!(patch(&["*"], &other).await.header("etag"), "\"2\"", "{what}");
    }
}

#[tokio::test]
async fn if_match_applies_to_deletions() {
    let server = TestServer::start().await;
    for (what, path, client, _) in single_resources(&server).await.into_iter().filter(|row| row.0 != "get_me") {
        let delete = |tag: &str| send(client.request(Method::DELETE, &path).header("If-Match", tag));
        for (tag, expected) in [("\"2\"", 412), ("W/\"1\"", 412), ("\"01\"", 412), ("nonsense", 400)] {
            assert_eq!(delete(tag).await.status, expected, "{what}, {tag}");
        }
        assert_eq!(client.get(&path).await.status, 200, "{what}");
        assert_eq!(delete("\"9\", \"1\"").await.status, 204, "{what}");
        assert_eq!(delete("*").await.status, 404, "{what}: there is nothing any more, whatever its version");
        assert_eq!(delete("\"1\"").await.status, 404, "{what}");
    }
}

/// Values of `If-None-Match` for version 1, and the expected responses.
const IF_NONE_MATCH: &[(&[&str], u16)] = &[
    (&["\"1\""], 304),
    (&["W/\"1\""], 304),
    (&["*"], 304),
    (&["W/\"1\", \"9\""], 304),
    (&["\"9\"", "\"1\""], 304),
    (&["\"2\""], 200),
    (&["\"01\""], 200),
    (&["\"\""], 200),
    (&["1"], 400),
    (&["nonsense"], 400),
];

#[tokio::test]
async fn if_none_match_omits_the_body_of_every_resource() {
    let server = TestServer::start().await;
    for (what, path, client, _) in single_resources(&server).await {
        for (tags, expected) in IF_NONE_MATCH {
            let get = tags
                .iter()
                .fold(client.request(Method::GET, &path), |request, tag| request.header("If-None-Match", *tag));
            let answer = send(get).await;
            assert_eq!(answer.status, *expected, "{what}, {tags:?}: {answer:?}");
            if *expected == 304 {
                assert_eq!((answer.text.as_str(), answer.header("etag")), ("", "\"1\""), "{what}, {tags:?}");
            }
        }
        let head = send(client.request(Method::HEAD, &path).header("If-None-Match", "\"1\"")).await;
        assert_eq!((head.status.as_u16(), head.header("etag")), (304, "\"1\""), "{what}");
    }
    let nothing = server.root().await.request(Method::GET, "/api/v1/incidents/INC-999999");
    assert_eq!(send(nothing.header("If-None-Match", "*")).await.status, 404);
}

#[tokio::test]
async fn a_comment_does_not_change_the_entity_tag() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("discussed").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    assert_eq!(admin.post(&format!("{path}/logs"), json!({"message": "me too"})).await.status, 201);
    let request = admin.request(Method::PATCH, &path).header("If-Match", "\"1\"");
    assert_eq!(send(request.json(&json!({"title": "still mine"}))).await.status, 200);
}
