//! API tokens.

use incident_domain::kernel::Role;
use serde_json::json;

use crate::scene::Scene;

const ADA: &str = "ada@example.org";

#[tokio::test]
async fn an_api_token_is_shown_once_and_authenticates_until_it_is_revoked() {
    let scene = Scene::new();
    scene.user(ADA, Role::Responder).await;
    let client = scene.start();
    let (ada, _) = client.sign_in(ADA).await;
    let created = ada.post("/auth/api-tokens", json!({"name": "nightly import", "role": "responder"})).await;
    assert_eq!((created.status, created.header("cache-control")), (201, "no-store"));
    assert_eq!(
        (&created.body["expires_at"], &created.body["last_used_at"]),
        (&json!("2026-05-01T12:00:00Z"), &json!(null))
    );
    let machine = client.with_token(&created.body["token"]);
    assert_eq!(machine.post("/incidents", json!({"title": "t"})).await.status, 201);

    let listed = ada.get("/auth/api-tokens").await.body["items"].clone();
    let mut without_secret = created.body.clone();
    without_secret.as_object_mut().expect("an object").remove("token");
    assert_eq!(listed, json!([without_secret]));

    let path = format!("/auth/api-tokens/{}", created.body["id"].as_str().expect("an id"));
    assert_eq!(ada.delete(&path).await.status, 204);
    assert_eq!(machine.get("/users/me").await.code(), (401, "api_token_ended"));
    assert_eq!(ada.delete(&path).await.code(), (404, "not_found"));
    assert_eq!(ada.delete("/auth/api-tokens/nonsense").await.code(), (404, "not_found"));
    assert_eq!(ada.get("/auth/api-tokens").await.body["items"], json!([]));
}

#[tokio::test]
async fn an_api_token_cannot_change_its_own_account() {
    let scene = Scene::new();
    scene.user(ADA, Role::Admin).await;
    let client = scene.start();
    let (ada, _) = client.sign_in(ADA).await;
    let created = ada.post("/auth/api-tokens", json!({"name": "n", "role": "admin"})).await;
    let machine = client.with_token(&created.body["token"]);
    let password = json!({"current_password": "correct horse battery staple", "new_password": "zkqvhwmxtjrp"});
    for refused in [
        machine.post("/auth/api-tokens", json!({"name": "n", "role": "viewer"})).await,
        machine.post("/auth/password", password).await,
        machine.post("/auth/logout", json!({})).await,
        machine.delete("/auth/sessions").await,
        machine.patch("/users/me", json!({"name": "n"})).await,
        machine.delete(&format!("/auth/api-tokens/{}", created.body["id"].as_str().expect("an id"))).await,
    ] {
        assert_eq!(refused.code(), (403, "session_required"), "{}", refused.body);
    }
    assert_eq!(machine.get("/auth/sessions").await.body["items"][0]["is_current"], false);
}

#[tokio::test]
async fn invalid_fields_of_an_api_token_are_refused_with_their_pointers() {
    let scene = Scene::new();
    scene.user(ADA, Role::Responder).await;
    let (ada, _) = scene.start().sign_in(ADA).await;
    for (body, expected) in [
        (json!({"name": "", "role": "viewer"}), ("/name", "blank")),
        (json!({"name": "n", "role": "king"}), ("/role", "unknown_value")),
        (json!({"name": "n", "role": "manager"}), ("/role", "role_too_high")),
        (json!({"name": "n", "role": "viewer", "expires_in_days": 0}), ("/expires_in_days", "out_of_range")),
        (json!({"name": "n", "role": "viewer", "expires_in_days": 367}), ("/expires_in_days", "out_of_range")),
        (json!({"name": "n", "role": "viewer", "expires_in_days": -1}), ("/expires_in_days", "invalid_value")),
        (json!({"name": "n"}), ("", "required")),
        (json!({"name": "n", "role": "viewer", "scopes": []}), ("/scopes", "unknown_field")),
    ] {
        let refused = ada.post("/auth/api-tokens", body.clone()).await;
        assert_eq!(refused.invalid(), expected, "{body}");
    }
    for _ in 0..100 {
        assert_eq!(ada.post("/auth/api-tokens", json!({"name": "n", "role": "viewer"})).await.status, 201);
    }
    let refused = ada.post("/auth/api-tokens", json!({"name": "n", "role": "viewer"})).await;
    assert_eq!(refused.code(), (409, "too_many_api_tokens"));
}

#[tokio::test]
async fn only_administrators_manage_api_tokens_of_others() {
    let scene = Scene::new();
    let ada = scene.user(ADA, Role::Manager).await;
    let root_id = scene.user("root@example.org", Role::Admin).await;
    let client = scene.start();
    let (manager, _) = client.sign_in(ADA).await;
    let (root, _) = client.sign_in("root@example.org").await;
    let created = manager.post("/auth/api-tokens", json!({"name": "n", "role": "viewer"})).await;
    let path = format!("/users/{ada}/api-tokens");
    let own_path = format!("{path}/{}", created.body["id"].as_str().expect("an id"));
    assert_eq!(manager.get(&path).await.body["items"][0]["id"], created.body["id"]);
    assert_eq!(manager.get(&format!("/users/{root_id}/api-tokens")).await.code(), (403, "forbidden"));
    assert_eq!(root.get(&path).await.body["items"][0]["id"], created.body["id"]);
    assert_eq!(root.delete(&own_path).await.status, 204);
    assert_eq!(client.with_token(&created.body["token"]).get("/users/me").await.code(), (401, "api_token_ended"));
}
