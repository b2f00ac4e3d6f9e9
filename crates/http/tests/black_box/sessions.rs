//! Sign-in, token renewal, sessions and passwords.

use chrono::TimeDelta;
use incident_domain::kernel::Role;
use serde_json::json;

use crate::scene::{PASSWORD, Scene};

const ADA: &str = "ada@example.org";

#[tokio::test]
async fn tokens_are_renewed_and_never_cached() {
    let scene = Scene::new();
    scene.user(ADA, Role::Viewer).await;
    let clock = scene.clock.clone();
    let client = scene.start();
    let login = client.post("/auth/login", json!({"email": ADA, "password": PASSWORD})).await;
    let shown = json!({"refresh_token": login.body["refresh_token"]});
    let refreshed = client.post("/auth/refresh", shown.clone()).await;
    for answer in [&login, &refreshed] {
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
        assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("bearer"), &json!(900)));
        assert!(answer.body["refresh_token"].as_str().is_some_and(|token| token.starts_with("ipr_")));
    }
    assert_ne!(login.body["refresh_token"], refreshed.body["refresh_token"]);
    let ada = client.with_token(&refreshed.body["access_token"]);
    assert_eq!(ada.get("/users/me").await.body["email"], ADA);

    clock.advance(TimeDelta::seconds(31));
    let reused = client.post("/auth/refresh", shown).await;
    assert_eq!(reused.code(), (401, "refresh_token_reused"));
    assert_eq!(reused.header("www-authenticate"), "Bearer");
    assert_eq!(ada.get("/users/me").await.code(), (401, "session_ended"));
    let successor = json!({"refresh_token": refreshed.body["refresh_token"]});
    assert_eq!(client.post("/auth/refresh", successor).await.code(), (401, "session_ended"));
    assert_eq!(client.post("/auth/refresh", json!({"refresh_token": "x"})).await.code(), (401, "invalid_token"));
}

#[tokio::test]
async fn sessions_show_their_device_and_can_be_ended() {
    let mut scene = Scene::new();
    scene.trusted_proxies = "127.0.0.1".parse().expect("a list");
    scene.user(ADA, Role::Viewer).await;
    let client = scene.start();
    let curl = client.with("User-Agent", "curl/8.5.0").with("X-Forwarded-For", "203.0.113.9, 2001:db8::7");
    let (on_curl, _) = curl.sign_in(ADA).await;
    let (elsewhere, _) = client.with("User-Agent", "Mozilla/5.0").sign_in(ADA).await;

    let page = on_curl.get("/auth/sessions?page=1").await.body;
    assert_eq!(page["total"], 2);
    let [other, mine] = [0, 1].map(|index| page["items"][index].clone());
    assert_eq!((&mine["device"], &mine["ip"]), (&json!("curl/8.5.0"), &json!("2001:db8::7")));
    assert_eq!((&mine["is_current"], &other["is_current"]), (&json!(true), &json!(false)));
    assert_eq!((&other["device"], &other["user_agent"]), (&json!(null), &json!("Mozilla/5.0")));
    assert_eq!(
        (&mine["created_at"], &mine["expires_at"]),
        (&json!("2026-01-31T12:00:00Z"), &json!("2026-02-01T12:00:00Z"))
    );

    let refused = on_curl.delete("/auth/sessions?keep_current=perhaps").await;
    assert_eq!(refused.invalid(), ("?keep_current", "unknown_value"));
    assert_eq!(on_curl.delete("/auth/sessions?keep_current=true").await.status, 204);
    assert_eq!(elsewhere.get("/users/me").await.code(), (401, "session_ended"));
    assert_eq!(on_curl.get("/users/me").await.status, 200);

    let ended = format!("/auth/sessions/{}", other["id"].as_str().expect("an id"));
    assert_eq!(on_curl.delete(&ended).await.code(), (404, "not_found"));
    assert_eq!(on_curl.delete("/auth/sessions/nonsense").await.code(), (404, "not_found"));
    assert_eq!(on_curl.post("/auth/logout", json!({})).await.status, 204);
    assert_eq!(on_curl.get("/users/me").await.code(), (401, "session_ended"));
}

#[tokio::test]
async fn only_administrators_manage_sessions_of_others() {
    let scene = Scene::new();
    let ada = scene.user(ADA, Role::Manager).await;
    scene.user("root@example.org", Role::Admin).await;
    let client = scene.start();
    let (manager, _) = client.sign_in(ADA).await;
    let (root, _) = client.sign_in("root@example.org").await;

    let path = format!("/users/{ada}/sessions");
    let page = root.get(&format!("{path}?cursor=")).await.body;
    assert_eq!((page["items"].as_array().map(Vec::len), &page["next_cursor"]), (Some(1), &json!(null)));
    assert_eq!(page["items"][0]["is_current"], false);
    let own_path = format!("{path}/{}", page["items"][0]["id"].as_str().expect("an id"));
    let root_id = root.get("/users/me").await.body["id"].as_str().expect("an id").to_owned();
    assert_eq!(manager.get(&format!("/users/{root_id}/sessions")).await.code(), (403, "forbidden"));
    assert_eq!(manager.delete(&format!("/users/{root_id}/sessions")).await.code(), (403, "forbidden"));
    assert_eq!(manager.get(&path).await.body["items"][0]["is_current"], true);
    assert_eq!(root.delete(&own_path).await.status, 204);
    assert_eq!(manager.get("/users/me").await.code(), (401, "session_ended"));
    assert_eq!(root.delete(&path).await.status, 204, "ending no session is not an error");
    let nobody = "/users/01890000-0000-7000-8000-000000000000/sessions";
    assert_eq!(root.get(nobody).await.code(), (404, "not_found"));
    assert_eq!(root.delete("/users/nonsense/sessions").await.code(), (404, "not_found"));
}

#[tokio::test]
async fn a_password_change_needs_the_current_password_and_a_new_one_that_is_hard_to_guess() {
    let scene = Scene::new();
    scene.user(ADA, Role::Viewer).await;
    let client = scene.start();
    let (ada, _) = client.sign_in(ADA).await;
    let (elsewhere, _) = client.sign_in(ADA).await;
    for (current, new, expected) in [
        ("wrong", "zkqvhwmxtjrp", ("/current_password", "wrong_password")),
        (PASSWORD, "password1234", ("/new_password", "too_guessable")),
        (PASSWORD, "short", ("/new_password", "too_short")),
        (PASSWORD, &"long".repeat(19), ("/new_password", "too_long")),
    ] {
        let refused = ada.post("/auth/password", json!({"current_password": current, "new_password": new})).await;
        assert_eq!(refused.invalid(), expected);
    }
    let change = json!({"current_password": PASSWORD, "new_password": "zkqvhwmxtjrp"});
    assert_eq!(ada.post("/auth/password", change).await.status, 204);
    assert_eq!(ada.get("/users/me").await.status, 200);
    assert_eq!(elsewhere.get("/users/me").await.code(), (401, "session_ended"));
    let old = client.post("/auth/login", json!({"email": ADA, "password": PASSWORD})).await;
    assert_eq!(old.code(), (401, "wrong_credentials"));
    let new = client.post("/auth/login", json!({"email": ADA, "password": "zkqvhwmxtjrp"})).await;
    assert_eq!(new.status, 200);
}
