//! Refusals are not kept: once the cause is removed, the same request with the same key takes effect.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer, new_email, new_password, send};

const INCIDENTS: &str = "/api/v1/incidents";

/// Sends a refused request again; it must be refused again and not replayed.
async fn refused_twice(client: &Client, (method, path, body): (Method, &str, &Value), expected: (u16, &str)) {
    for _ in 0..2 {
        let refused = client.keyed(method.clone(), path, "key", body).await;
        assert_eq!((refused.code(), refused.is_replayed()), (expected, false), "{refused:?}");
    }
}

/// Sends a request that must take effect and be replayed afterwards.
async fn done_once(client: &Client, (method, path, body): (Method, &str, &Value)) -> Answer {
    let done = client.keyed(method.clone(), path, "key", body).await;
    assert!(done.status.is_success() && !done.is_replayed(), "{done:?}");
    let again = client.keyed(method, path, "key", body).await;
    assert_eq!((again.replayable_parts(), again.is_replayed()), (done.replayable_parts(), true));
    done
}

#[tokio::test]
async fn a_forbidden_request_succeeds_with_the_same_key_after_the_role_was_raised() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("viewer").await);
    let body = json!({"title": "t"});
    let request = (Method::POST, INCIDENTS, &body);
    refused_twice(&person.client, request.clone(), (403, "forbidden")).await;
    assert_eq!(root.patch(&person.path(), json!({"role": "responder"})).await.status, 200);
    done_once(&person.client, request).await;
}

#[tokio::test]
async fn a_request_for_a_missing_resource_succeeds_with_the_same_key_once_it_exists() {
    let server = TestServer::start().await;
    let client = server.person("responder").await.client;
    let opened = client.open("the first").await;
    let number: u32 = opened["number"].as_str().and_then(|n| n.strip_prefix("INC-")?.parse().ok()).expect("a number");
    let logs = format!("{INCIDENTS}/INC-{}/logs", number + 1);
    let body = json!({"message": "me too"});
    let request = (Method::POST, logs.as_str(), &body);
    refused_twice(&client, request.clone(), (404, "not_found")).await;
    assert_eq!(client.open("the second").await["number"], format!("INC-{}", number + 1));
    let comment = done_once(&client, request).await;
    assert_eq!(comment.body["sequence"], 2);
}

#[tokio::test]
async fn a_conflicting_request_succeeds_with_the_same_key_after_the_conflict() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("responder").await);
    let opened = person.client.open("not looked at yet").await;
    let path = format!("{INCIDENTS}/{}", opened["id"].as_str().expect("an id"));
    let resolve = json!({"status": "resolved", "resolution": {"code": "fixed"}});
    let request = (Method::PATCH, path.as_str(), &resolve);
    refused_twice(&person.client, request.clone(), (409, "transition_refused")).await;
    assert_eq!(person.client.patch(&path, json!({"status": "investigating"})).await.status, 200);
    done_once(&person.client, request).await;

    let new = json!({"email": person.email, "name": "Grace", "role": "viewer", "password": new_password()});
    let request = (Method::POST, "/api/v1/users", &new);
    refused_twice(root, request.clone(), (409, "email_taken")).await;
    assert_eq!(root.patch(&person.path(), json!({"email": new_email()})).await.status, 200);
    done_once(root, request).await;

    let used = server.person("responder").await;
    let opened = used.client.open("by them").await;
    let path = used.path();
    let request = (Method::DELETE, path.as_str(), &Value::Null);
    let other = server.person("admin").await.client;
    refused_twice(&other, request.clone(), (409, "user_in_use")).await;
    let incident = format!("{INCIDENTS}/{}", opened["id"].as_str().expect("an id"));
    assert_eq!(root.delete(&incident).await.status, 204);
    done_once(&other, request).await;
}

#[tokio::test]
async fn a_failed_precondition_succeeds_with_the_same_key_and_the_current_tag() {
    let server = TestServer::start().await;
    let client = server.person("responder").await.client;
    let opened = client.open("raced").await;
    let path = format!("{INCIDENTS}/{}", opened["id"].as_str().expect("an id"));
    assert_eq!(client.patch(&path, json!({"title": "faster"})).await.status, 200);
    let retitle = |tag: &'static str| {
        let request = client.request(Method::PATCH, &path).header("Idempotency-Key", "key").header("If-Match", tag);
        send(request.json(&json!({"title": "mine"})))
    };
    for _ in 0..2 {
        assert_eq!(retitle("\"1\"").await.code(), (412, "precondition_failed"));
    }
    let done = retitle("\"2\"").await;
    assert_eq!((done.status.as_u16(), done.header("etag"), done.is_replayed()), (200, "\"3\"", false));
    for tag in ["\"2\"", "\"1\"", "*"] {
        let again = retitle(tag).await;
        assert_eq!(
            (again.replayable_parts(), again.is_replayed()),
            (done.replayable_parts(), true),
            "the effect is final"
        );
    }
}

#[tokio::test]
async fn an_invalid_request_can_be_corrected_with_the_same_key() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("manager").await);
    let other = server.person("responder").await;
    assert_eq!(root.patch(&other.path(), json!({"is_active": false})).await.status, 200);
    let given = json!({"title": "t", "assigned_to": other.id});
    let request = (Method::POST, INCIDENTS, &given);
    refused_twice(&person.client, request.clone(), (422, "validation_failed")).await;
    assert_eq!(root.patch(&other.path(), json!({"is_active": true})).await.status, 200);
    done_once(&person.client, request).await;

    let client = server.person("responder").await.client;
    let json = "application/json";
    let large = format!("{{\"title\": \"{}\"}}", "t".repeat(1024 * 1024));
    for (body, content_type, expected) in [
        ("{\"title\": ", json, (400, "malformed_json")),
        ("", json, (400, "malformed_json")),
        ("{\"title\": \"\"}", json, (422, "validation_failed")),
        ("{\"titel\": \"t\"}", json, (422, "validation_failed")),
        ("{\"title\": \"t\"}", "text/plain", (415, "unsupported_media_type")),
        (&large, json, (413, "body_too_large")),
    ] {
        let request = client.request(Method::POST, INCIDENTS).header("Idempotency-Key", "key");
        let refused = send(request.header("Content-Type", content_type).body(body.to_owned())).await;
        assert_eq!(refused.code(), expected, "{content_type}");
    }
    done_once(&client, (Method::POST, INCIDENTS, &json!({"title": "t"}))).await;
}

#[tokio::test]
async fn an_empty_patch_is_not_kept() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let me = "/api/v1/users/me";
    refused_twice(&person.client, (Method::PATCH, me, &json!({})), (400, "empty_patch")).await;
    done_once(&person.client, (Method::PATCH, me, &json!({"name": "Augusta"}))).await;
}

#[tokio::test]
async fn the_body_limit_also_applies_to_commands_without_a_body() {
    let server = TestServer::start().await;
    let client = server.person("manager").await.client;
    let opened = client.open("t").await;
    let path = format!("{INCIDENTS}/{}", opened["id"].as_str().expect("an id"));
    let delete = |bytes: usize| {
        let request = client.request(Method::DELETE, &path).header("Idempotency-Key", "key");
        send(request.body("x".repeat(bytes)))
    };
    assert_eq!(delete(1024 * 1024 + 1).await.code(), (413, "body_too_large"));
    assert_eq!(client.get(&path).await.status, 200);
    assert_eq!(delete(1024 * 1024).await.status, 204, "this is not too large");
    assert_eq!(delete(1024 * 1024 - 1).await.code(), (422, "idempotency_key_reused"), "it is a part of the request");
    assert!(delete(1024 * 1024).await.is_replayed());
}
