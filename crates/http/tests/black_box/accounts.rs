//! User accounts.

use incident_domain::kernel::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::scene::{Client, PASSWORD, Scene};

const ROOT: &str = "root@example.org";

async fn start() -> (Client, Client) {
    let scene = Scene::new();
    scene.user(ROOT, Role::Admin).await;
    let client = scene.start();
    let (root, _) = client.sign_in(ROOT).await;
    (client, root)
}

fn grace() -> Value {
    json!({"email": "Grace@example.org", "name": "Grace Hopper", "role": "responder", "password": PASSWORD})
}

#[tokio::test]
async fn users_are_created_read_changed_and_deleted() {
    let (client, root) = start().await;
    let created = root.post("/users", grace()).await;
    let location = created.header("location").to_owned();
    let path = location.strip_prefix("/api/v1").expect("below the base path");
    assert_eq!((created.status, created.header("etag")), (201, "\"1\""));
    assert_eq!(path, format!("/users/{}", created.body["id"].as_str().expect("an id")));
    assert!(!created.body.to_string().contains("password"), "{}", created.body);

    assert_eq!(root.get(path).await.body, created.body);
    assert_eq!(root.send(Method::HEAD, &location, None).await.status, 200);
    assert_eq!(root.with("If-None-Match", "\"1\"").get(path).await.status, 304);
    assert_eq!(root.get("/users?page=1&page_size=1").await.body["items"], json!([created.body]));
    assert_eq!(root.get("/users?page=1&page_size=1").await.body["total_pages"], 2);

    let (grace_herself, _) = client.sign_in("GRACE@example.org").await;
    let changed = root.with("If-Match", "\"1\"").patch(path, json!({"role": "manager", "is_active": false})).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""));
    assert_eq!((&changed.body["role"], &changed.body["is_active"]), (&json!("manager"), &json!(false)));
    assert_eq!(grace_herself.get("/users/me").await.code(), (401, "session_ended"));
    let stale = root.with("If-Match", "\"1\"");
    assert_eq!(stale.patch(path, json!({"name": "G"})).await.code(), (412, "precondition_failed"));
    assert_eq!(stale.delete(path).await.code(), (412, "precondition_failed"));
    assert_eq!(root.delete(path).await.status, 204);
    for gone in [root.get(path).await, root.delete(path).await, root.get("/users/nonsense").await] {
        assert_eq!(gone.code(), (404, "not_found"));
    }
}

#[tokio::test]
async fn invalid_fields_of_a_user_are_refused_with_their_pointers() {
    let (_, root) = start().await;
    let created = root.post("/users", grace()).await;
    let path = format!("/users/{}", created.body["id"].as_str().expect("an id"));
    for (field, value, expected) in [
        ("email", json!("no address"), ("/email", "not_an_email")),
        ("name", json!(" "), ("/name", "blank")),
        ("role", json!("king"), ("/role", "unknown_value")),
        ("password", json!("short"), ("/password", "too_short")),
        ("password", json!("password1234"), ("/password", "too_guessable")),
        ("password", json!(["zkqvhwmxtjrp"]), ("/password", "wrong_type")),
        ("is_admin", json!(true), ("/is_admin", "unknown_field")),
    ] {
        let mut body = grace();
        body["email"] = json!("other@example.org");
        body[field] = value.clone();
        let refused = root.post("/users", body).await;
        assert_eq!(refused.invalid(), expected, "POST {field}");
        assert!(!refused.body.to_string().contains("zkqvhwmxtjrp"), "{}", refused.body);
        let refused = root.patch(&path, json!({field: value})).await;
        assert_eq!(refused.invalid(), expected, "PATCH {field}");
        assert!(!refused.body.to_string().contains("zkqvhwmxtjrp"), "{}", refused.body);
    }
    for field in ["email", "name", "role", "is_active", "password"] {
        let refused = root.patch(&path, json!({field: null})).await;
        assert_eq!(refused.invalid(), (format!("/{field}").as_str(), "null_not_allowed"));
    }
    assert_eq!(root.patch(&path, json!({})).await.code(), (400, "empty_patch"));
    assert_eq!(root.post("/users", grace()).await.code(), (409, "email_taken"));
    assert_eq!(root.patch(&path, json!({"email": "ROOT@example.org"})).await.code(), (409, "email_taken"));
}

#[tokio::test]
async fn a_user_that_an_incident_refers_to_cannot_be_deleted() {
    let (client, root) = start().await;
    let created = root.post("/users", grace()).await;
    let path = format!("/users/{}", created.body["id"].as_str().expect("an id"));
    let (grace_herself, _) = client.sign_in("grace@example.org").await;
    assert_eq!(grace_herself.post("/incidents", json!({"title": "t"})).await.status, 201);
    let refused = root.delete(&path).await;
    assert_eq!(refused.code(), (409, "user_in_use"));
    assert!(refused.body["detail"].as_str().is_some_and(|detail| detail.contains("`is_active`")));
}

#[tokio::test]
async fn users_can_change_their_own_name_and_nothing_else() {
    let (_, root) = start().await;
    let me = root.get("/users/me").await;
    assert_eq!(root.with("If-None-Match", me.header("etag")).get("/users/me").await.status, 304);
    let renamed = root.patch("/users/me", json!({"name": "Augusta"})).await;
    assert_eq!((renamed.status, &renamed.body["name"], renamed.header("etag")), (200, &json!("Augusta"), "\"2\""));
    let stale = root.with("If-Match", "\"1\"").patch("/users/me", json!({"name": "Ada"})).await;
    assert_eq!(stale.code(), (412, "precondition_failed"));
    assert_eq!(root.patch("/users/me", json!({})).await.code(), (400, "empty_patch"));
    assert_eq!(root.patch("/users/me", json!({"name": null})).await.invalid(), ("/name", "null_not_allowed"));
    assert_eq!(root.patch("/users/me", json!({"role": "admin"})).await.invalid(), ("/role", "unknown_field"));

    let path = format!("/users/{}", me.body["id"].as_str().expect("an id"));
    for change in [json!({"role": "viewer"}), json!({"is_active": false}), json!({"password": "zkqvhwmxtjrp"})] {
        assert_eq!(root.patch(&path, change).await.code(), (403, "own_account"));
    }
    assert_eq!(root.delete(&path).await.code(), (403, "own_account"));
}
