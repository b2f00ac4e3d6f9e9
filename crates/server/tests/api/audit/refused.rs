//! Refused commands in the audit.

use reqwest::Method;
use serde_json::{Value, json};

use super::actions;
use crate::support::{Answer, TestServer, errors, new_password, send};

/// Returns the code of a refusal: that of the problem, or of the only invalid member.
fn code_of(refused: &Answer) -> String {
    match errors(refused).as_slice() {
        [(_, code)] => code.clone(),
        _ => refused.text_of("code"),
    }
}

#[tokio::test]
async fn each_refused_command_is_in_the_audit_with_its_code() {
    let server = TestServer::start().await;
    let (root, viewer, admin) = (server.root().await, server.person("viewer").await, server.person("admin").await);
    let machine = admin.api_token("admin").await.0;
    let incident = root.open("refused").await["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/incidents/{incident}");
    let unknown = "01980d3e-5f00-7000-8000-000000000001";
    let stale = |request: reqwest::RequestBuilder| request.header("If-Match", "\"77\"");
    let refused = [
        viewer.client.post("/api/v1/incidents", json!({"title": "t"})).await,
        viewer.client.patch(&path, json!({"title": "t"})).await,
        viewer.client.post(&format!("{path}/logs"), json!({"message": "m"})).await,
        viewer.client.delete(&path).await,
        root.post("/api/v1/incidents", json!({"title": "t", "assigned_to": unknown})).await,
        root.patch(&path, json!({"status": "resolved", "resolution": {"code": "fixed"}})).await,
        root.patch(&path, json!({"status": "cancelled"})).await,
        root.patch(&path, json!({"status": "investigating", "hold_reason": "awaiting_user"})).await,
        root.patch(&path, json!({"duplicate_of": unknown, "status": "cancelled"})).await,
        send(stale(root.request(reqwest::Method::PATCH, &path)).json(&json!({"title": "t"}))).await,
        send(stale(root.request(reqwest::Method::DELETE, &path))).await,
        root.delete(&format!("/api/v1/incidents/{unknown}")).await,
        root.delete("/api/v1/incidents/INC-999999").await,
        viewer.client.delete(&admin.path()).await,
        admin.client.delete(&admin.path()).await,
        admin.client.patch(&admin.path(), json!({"role": "viewer"})).await,
        root.patch(&viewer.path(), json!({"email": admin.email})).await,
        root.patch(&viewer.path(), json!({"password": "passwordpassword"})).await,
        viewer.client.post("/api/v1/auth/password", change(&new_password(), &new_password())).await,
        machine.post("/api/v1/auth/password", change(&new_password(), &new_password())).await,
        machine.post("/api/v1/auth/logout", Value::Null).await,
        viewer.client.post("/api/v1/auth/api-tokens", json!({"name": "n", "role": "admin"})).await,
        viewer.client.delete(&format!("/api/v1/auth/sessions/{unknown}")).await,
        viewer.client.delete(&format!("/api/v1/auth/api-tokens/{unknown}")).await,
        viewer.client.delete(&format!("{}/sessions", admin.path())).await,
    ];
    let written = actions(root, "outcome=refused").await;
    assert_eq!(written.len(), refused.len(), "one for each and no other: {written:#?}");
    for answer in &refused {
        assert!(answer.status.is_client_error(), "{answer:?}");
        let request_id = answer.header("x-request-id");
        let action = written.iter().find(|action| action["request_id"] == request_id);
        let action = action.unwrap_or_else(|| panic!("not written down: {answer:?}"));
        assert_eq!(action["refused_because"], code_of(answer), "{action}");
        assert_eq!((&action["outcome"], &action["actor"]["kind"]), (&json!("refused"), &json!("user")));
        let by_session = action["session_id"].is_string();
        assert_ne!(by_session, action["api_token_id"].is_string(), "{action}");
    }
    assert_eq!(root.get(&path).await.body["version"], 1, "nothing of it was done");
}

fn change(current: &str, new: &str) -> Value {
    json!({"current_password": current, "new_password": new})
}

#[tokio::test]
async fn malformed_and_unauthenticated_requests_are_not_in_the_audit() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("manager").await);
    let incident = root.open("untouched").await["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/incidents/{incident}");
    let incidents = "/api/v1/incidents";
    let post = |body: &str, content_type: &str| {
        let request = person.client.request(Method::POST, incidents).header("Content-Type", content_type.to_owned());
        send(request.body(body.to_owned()))
    };
    let before = actions(root, "").await;
    for (answer, status) in [
        (post("{", "application/json").await, 400),
        (post("{\"title\": \"t\"}", "text/plain").await, 415),
        (post(&"x".repeat(1024 * 1024 + 1), "application/json").await, 413),
        (person.client.post(incidents, json!({})).await, 422),
        (person.client.post(incidents, json!({"title": ""})).await, 422),
        (person.client.post(incidents, json!({"title": "t", "surprise": 1})).await, 422),
        (person.client.patch(&path, json!({})).await, 400),
        (person.client.patch(&path, json!({"status": "done"})).await, 422),
        (send(person.client.request(Method::DELETE, &path).header("If-Match", "nonsense")).await, 400),
        (person.client.delete_once(&path, "").await, 400),
        (person.client.delete("/api/v1/incidents/nonsense").await, 404),
        (person.client.delete("/api/v1/auth/sessions?keep_current=perhaps").await, 422),
        (person.client.get("/api/v1/users").await, 403),
        (person.client.get("/api/v1/incidents/INC-999999").await, 404),
        (server.client().delete(&path).await, 401),
        (server.client().with_token("garbage").delete(&path).await, 401),
        (server.client().log_in("no address", "wrong").await, 422),
        (server.client().refresh("ipr_nonsense").await, 401),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
    }
    let after = actions(root, "").await;
    let new = &after[..after.len() - before.len()];
    assert!(new.is_empty(), "{new:#?}");
}

#[tokio::test]
async fn a_refused_command_that_is_repeated_is_in_the_audit_each_time() {
    let server = TestServer::start().await;
    let (root, viewer) = (server.root().await, server.person("viewer").await);
    for _ in 0..3 {
        let refused = viewer.client.post_once("/api/v1/incidents", "key", json!({"title": "t"})).await;
        assert_eq!(refused.code(), (403, "forbidden"));
    }
    assert_eq!(actions(root, &format!("actor={}&outcome=refused", viewer.id)).await.len(), 3);
    let manager = server.person("manager").await;
    assert_eq!(manager.client.post_once("/api/v1/incidents", "key", json!({"title": "t"})).await.status, 201);
    for _ in 0..3 {
        let reused = manager.client.post_once("/api/v1/incidents", "key", json!({"title": "other"})).await;
        assert_eq!(reused.code(), (422, "idempotency_key_reused"));
    }
    let by_manager = format!("actor={}&kind=incident.open", manager.id);
    assert_eq!(actions(root, &by_manager).await.len(), 1, "a request with an invalid key is not a command");
}
