//! API tokens: credentials of machines, and their limits.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{ROLES, TestServer};

const MINE: &str = "/api/v1/auth/api-tokens";
const UNKNOWN: &str = "018f0000-0000-7000-8000-000000000000";

#[tokio::test]
async fn the_secret_is_shown_once_and_only_to_its_user() {
    let server = TestServer::start().await;
    let person = server.person("manager").await;
    let created = person.client.post(MINE, json!({"name": "nightly import", "role": "responder"})).await;
    assert_eq!((created.status.as_u16(), created.header("cache-control")), (201, "no-store"));
    let token = created.text_of("token");
    assert!(token.starts_with("ipt_") && token.len() == 68, "{token}");
    assert_eq!((&created.body["name"], &created.body["role"]), (&json!("nightly import"), &json!("responder")));
    assert!(created.body["last_used_at"].is_null());

    let mut shown = created.body.clone();
    shown.as_object_mut().expect("an object").remove("token");
    let listed = person.client.get(MINE).await;
    assert_eq!(listed.items(), [shown.clone()], "the list contains everything but the secret");
    let by_admin = server.root().await.get(&format!("{}/api-tokens", person.path())).await;
    assert_eq!(by_admin.items(), [shown]);
    assert!(!by_admin.text.contains(&token) && !listed.text.contains(&token));
    assert_eq!(person.client.with_token(&token).get("/api/v1/users/me").await.body["email"], person.email);
}

#[tokio::test]
async fn a_token_has_the_lower_of_its_role_and_its_users_role() {
    let server = TestServer::start().await;
    for (rank, role) in ROLES.iter().enumerate() {
        let person = server.person(role).await;
        for (token_rank, token_role) in ROLES.iter().enumerate() {
            let created = person.client.post(MINE, json!({"name": "t", "role": token_role})).await;
            if token_rank > rank {
                assert_eq!(created.invalid(), ("/role".into(), "role_too_high".into()));
                continue;
            }
            let machine = person.client.with_token(&created.text_of("token"));
            assert_eq!(machine.get("/api/v1/incidents").await.status, 200);
            let opened = machine.post("/api/v1/incidents", json!({"title": "t"})).await;
            assert_eq!(opened.status.as_u16(), if token_rank >= 1 { 201 } else { 403 }, "{role} {token_role}");
            let users = machine.get("/api/v1/users").await;
            assert_eq!(users.status.as_u16(), if token_rank == 3 { 200 } else { 403 }, "{role} {token_role}");
        }
    }
}

#[tokio::test]
async fn a_lowered_role_applies_to_the_users_tokens_immediately() {
    let server = TestServer::start().await;
    let person = server.person("admin").await;
    let (machine, _) = person.api_token("admin").await;
    assert_eq!(machine.get("/api/v1/users").await.status, 200);
    let patched = server.root().await.patch(&person.path(), json!({"role": "viewer"})).await;
    assert_eq!(patched.status, 200);
    assert_eq!(machine.get("/api/v1/users").await.code(), (403, "forbidden"));
    assert_eq!(machine.get("/api/v1/incidents").await.status, 200);
    let patched = server.root().await.patch(&person.path(), json!({"is_active": false})).await;
    assert_eq!(patched.status, 200);
    assert_eq!(machine.get("/api/v1/incidents").await.code(), (401, "api_token_ended"));
}

#[tokio::test]
async fn a_token_cannot_create_tokens_or_sessions() {
    let server = TestServer::start().await;
    let person = server.person("admin").await;
    let (machine, token_id) = person.api_token("admin").await;
    let (_, other_id) = person.api_token("viewer").await;
    let own = person.path();
    let password = json!({"current_password": person.password, "new_password": "sprockets over yonder 71"});
    for (method, path, body) in [
        (Method::POST, MINE.to_owned(), json!({"name": "another", "role": "viewer"})),
        (Method::DELETE, format!("{MINE}/{token_id}"), Value::Null),
        (Method::DELETE, format!("{MINE}/{other_id}"), Value::Null),
        (Method::DELETE, format!("{own}/api-tokens/{other_id}"), Value::Null),
        (Method::POST, "/api/v1/auth/logout".to_owned(), json!({})),
        (Method::DELETE, "/api/v1/auth/sessions".to_owned(), Value::Null),
        (Method::DELETE, "/api/v1/auth/sessions?keep_current=true".to_owned(), Value::Null),
        (Method::DELETE, format!("/api/v1/auth/sessions/{}", person.session_id), Value::Null),
        (Method::DELETE, format!("{own}/sessions"), Value::Null),
        (Method::DELETE, format!("{own}/sessions/{}", person.session_id), Value::Null),
        (Method::POST, "/api/v1/auth/password".to_owned(), password),
        (Method::PATCH, "/api/v1/users/me".to_owned(), json!({"name": "Mallory"})),
    ] {
        let mut request = machine.request(method.clone(), &path);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = crate::support::send(request).await;
        assert_eq!(answer.code(), (403, "session_required"), "{method} {path}");
    }
    for body in
        [json!({"role": "viewer"}), json!({"password": "sprockets over yonder 72"}), json!({"is_active": false})]
    {
        assert_eq!(machine.patch(&own, body).await.code(), (403, "own_account"));
    }
    assert_eq!(machine.delete(&own).await.code(), (403, "own_account"));

    let me = person.client.get("/api/v1/users/me").await;
    assert_eq!((&me.body["name"], &me.body["role"]), (&json!("Grace Hopper"), &json!("admin")), "nothing has changed");
    assert_eq!(person.client.get(MINE).await.body["total"], 2);
    assert_eq!(server.client().log_in(&person.email, &person.password).await.status, 200);
}

#[tokio::test]
async fn a_revoked_token_is_refused_immediately() {
    let server = TestServer::start().await;
    let (person, other) = (server.person("viewer").await, server.person("viewer").await);
    let (machine, id) = person.api_token("viewer").await;
    assert_eq!(machine.get("/api/v1/users/me").await.status, 200);

    let path = format!("{MINE}/{id}");
    assert_eq!(other.client.delete(&path).await.code(), (404, "not_found"), "it is not theirs");
    let by_path = format!("{}/api-tokens/{id}", person.path());
    assert_eq!(other.client.delete(&by_path).await.code(), (403, "forbidden"));
    assert_eq!(other.client.get(&format!("{}/api-tokens", person.path())).await.code(), (403, "forbidden"));
    assert_eq!(machine.get("/api/v1/users/me").await.status, 200);

    assert_eq!(person.client.delete(&path).await.status, 204);
    assert_eq!(machine.get("/api/v1/users/me").await.code(), (401, "api_token_ended"));
    assert_eq!(person.client.delete(&path).await.code(), (404, "not_found"), "it is not there any more");
    assert_eq!(person.client.get(MINE).await.body["total"], 0);

    let (machine, id) = person.api_token("viewer").await;
    let root = server.root().await;
    let wrong_owner = format!("{}/api-tokens/{id}", other.path());
    assert_eq!(root.delete(&wrong_owner).await.code(), (404, "not_found"));
    assert_eq!(root.delete(&format!("{}/api-tokens/{id}", person.path())).await.status, 204);
    assert_eq!(machine.get("/api/v1/users/me").await.code(), (401, "api_token_ended"));
    for id in [UNKNOWN, "nonsense"] {
        assert_eq!(person.client.delete(&format!("{MINE}/{id}")).await.code(), (404, "not_found"));
    }
}

#[tokio::test]
async fn an_expired_token_is_listed_and_refused() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let created = person.client.post(MINE, json!({"name": "for a day", "role": "viewer", "expires_in_days": 1})).await;
    server.database.age_rows("api_tokens", "expires_at", 86_400).await;
    let machine = person.client.with_token(&created.text_of("token"));
    assert_eq!(machine.get("/api/v1/users/me").await.code(), (401, "api_token_ended"));
    let listed = person.client.get(MINE).await;
    assert_eq!(listed.items()[0]["id"], created.body["id"]);
}

#[tokio::test]
async fn an_invalid_token_is_refused_with_its_errors() {
    let server = TestServer::start().await;
    let person = server.person("manager").await;
    let long = "n".repeat(129);
    for (body, pointer, code) in [
        (json!({}), "", "required"),
        (json!({"name": "t"}), "", "required"),
        (json!({"name": "", "role": "viewer"}), "/name", "blank"),
        (json!({"name": long, "role": "viewer"}), "/name", "too_long"),
        (json!({"name": "a\u{0}", "role": "viewer"}), "/name", "control_character"),
        (json!({"name": "t", "role": "root"}), "/role", "unknown_value"),
        (json!({"name": "t", "role": "admin"}), "/role", "role_too_high"),
        (json!({"name": "t", "role": "viewer", "expires_in_days": 0}), "/expires_in_days", "out_of_range"),
        (json!({"name": "t", "role": "viewer", "expires_in_days": 367}), "/expires_in_days", "out_of_range"),
        (json!({"name": "t", "role": "viewer", "expires_in_days": -1}), "/expires_in_days", "invalid_value"),
        (json!({"name": "t", "role": "viewer", "token": "ipt_mine"}), "/token", "unknown_field"),
        (json!({"name": "t", "role": "viewer", "user_id": UNKNOWN}), "/user_id", "unknown_field"),
    ] {
        let refused = person.client.post(MINE, body.clone()).await;
        assert_eq!(refused.invalid(), (pointer.to_owned(), code.to_owned()), "{body}");
    }
    assert_eq!(person.client.get(MINE).await.body["total"], 0);
    for days in [1, 366] {
        let body = json!({"name": "t", "role": "viewer", "expires_in_days": days});
        assert_eq!(person.client.post(MINE, body).await.status, 201, "{days}");
    }
}

#[tokio::test]
async fn a_user_has_at_most_a_hundred_tokens_listed_newest_first() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let new = json!({"name": "t", "role": "viewer"});
    let mut ids = Vec::new();
    for _ in 0..100 {
        ids.insert(0, person.client.post(MINE, new.clone()).await.text_of("id"));
    }
    assert_eq!(person.client.post(MINE, new.clone()).await.code(), (409, "too_many_api_tokens"));
    let page = person.client.get(&format!("{MINE}?page=3&page_size=40")).await;
    let listed: Vec<&str> = page.items().iter().map(|token| token["id"].as_str().expect("an id")).collect();
    assert_eq!(listed, ids[80..], "the last twenty");
    let next = person.client.get(&format!("{MINE}?page_size=1&cursor={}", ids[98])).await;
    assert_eq!((&next.items()[0]["id"], &next.body["next_cursor"]), (&json!(ids[99]), &Value::Null));

    assert_eq!(person.client.delete(&format!("{MINE}/{}", ids[0])).await.status, 204);
    assert_eq!(person.client.post(MINE, new).await.status, 201, "there is room again");
}

#[tokio::test]
async fn concurrent_requests_create_at_most_a_hundred_tokens() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let new = json!({"name": "t", "role": "viewer"});
    let created = join_all((0..130).map(|_| person.client.post(MINE, new.clone()))).await;
    let count = |status: u16| created.iter().filter(|answer| answer.status.as_u16() == status).count();
    assert_eq!(count(201) + count(409), 130, "{created:?}");
    assert!(count(201) <= 100, "{} were created", count(201));
    assert_eq!(person.client.get(MINE).await.body["total"], count(201));
}
