//! PATCH, entity tags and conditional requests.

use reqwest::Method;
use serde_json::json;

use crate::support::{TestServer, send};

#[tokio::test]
async fn absent_null_and_a_value_are_three_different_things() {
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

#[tokio::test]
async fn if_match_lets_only_the_version_pass_that_was_read() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("raced").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    let read = admin.get(&path).await;
    let etag = read.headers["etag"].to_str().expect("a tag").to_owned();
    assert!(etag.starts_with('"'), "strong: {etag}");

    let retitle = |tag: &str, title: &str| {
        send(admin.request(Method::PATCH, &path).header("If-Match", tag).json(&json!({"title": title})))
    };
    let first = retitle(&etag, "first").await;
    assert_eq!(first.status, 200);
    let second = retitle(&etag, "second").await;
    assert_eq!((second.status.as_u16(), &second.body["code"]), (412, &json!("precondition_failed")));
    assert_eq!(retitle("W/\"2\"", "weak").await.status, 412, "a weak tag never matches");
    assert_eq!(retitle("nonsense", "x").await.status, 400);
    assert_eq!(retitle("*", "any").await.status, 200);
    assert_eq!(retitle("\"7\", \"3\"", "one of several").await.status, 200);

    let gone = send(admin.request(Method::DELETE, &path).header("If-Match", "\"1\"")).await;
    assert_eq!(gone.status, 412);
    let gone = send(admin.request(Method::DELETE, &path).header("If-Match", "\"4\"")).await;
    assert_eq!(gone.status, 204);
}

#[tokio::test]
async fn if_none_match_spares_the_body() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("cached").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    let get = |tag: &str| send(admin.request(Method::GET, &path).header("If-None-Match", tag));
    let same = get("\"1\"").await;
    assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""));
    assert_eq!(same.headers["etag"], "\"1\"");
    assert_eq!(get("\"2\"").await.status, 200);
    assert_eq!(get("W/\"1\", \"9\"").await.status, 304);
}

#[tokio::test]
async fn a_comment_breaks_nobodys_if_match() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("discussed").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    assert_eq!(admin.post(&format!("{path}/logs"), json!({"message": "me too"})).await.status, 201);
    let request = admin.request(Method::PATCH, &path).header("If-Match", "\"1\"");
    assert_eq!(send(request.json(&json!({"title": "still mine"}))).await.status, 200);
}
