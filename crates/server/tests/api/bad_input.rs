//! Invalid input is refused with the right problem and changes nothing.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestServer, errors, send};

/// Returns invalid bodies with the status, the code and the pointer of the error.
fn bad_incidents() -> Vec<(Value, u16, &'static str, &'static str)> {
    let long = "x".repeat(10_000);
    let many: Value = (0..33).map(|n| (format!("k{n}"), json!("v"))).collect::<serde_json::Map<_, _>>().into();
    vec![
        (json!({}), 422, "required", ""),
        (json!([]), 422, "wrong_type", ""),
        (json!("title"), 422, "wrong_type", ""),
        (json!(null), 422, "wrong_type", ""),
        (json!({"title": 7}), 422, "wrong_type", "/title"),
        (json!({"title": null}), 422, "wrong_type", "/title"),
        (json!({"title": ""}), 422, "blank", "/title"),
        (json!({"title": "  "}), 422, "blank", "/title"),
        (json!({"title": long}), 422, "too_long", "/title"),
        (json!({"title": "a\u{0}b"}), 422, "control_character", "/title"),
        (json!({"title": "a\nb"}), 422, "control_character", "/title"),
        (json!({"title": "t", "surprise": 1}), 422, "unknown_field", "/surprise"),
        (json!({"title": "t", "status": "closed"}), 422, "unknown_field", "/status"),
        (json!({"title": "t", "priority": "urgent"}), 422, "unknown_value", "/priority"),
        (json!({"title": "t", "impact": "HIGH"}), 422, "unknown_value", "/impact"),
        (json!({"title": "t", "description": "d".repeat(20_001)}), 422, "too_long", "/description"),
        (json!({"title": "t", "service": "a\u{0}"}), 422, "control_character", "/service"),
        (json!({"title": "t", "labels": {"a/b": "\u{0}"}}), 422, "control_character", "/labels/a~1b"),
        (json!({"title": "t", "labels": {"k": 1}}), 422, "wrong_type", "/labels/k"),
        (json!({"title": "t", "labels": many}), 422, "too_many", "/labels"),
        (json!({"title": "t", "assigned_to": "no-id"}), 422, "invalid_value", "/assigned_to"),
        (
            json!({"title": "t", "assigned_to": "018f0000-0000-7000-8000-000000000000"}),
            422,
            "unknown_user",
            "/assigned_to",
        ),
    ]
}

#[tokio::test]
async fn an_invalid_body_is_refused_with_its_errors_and_opens_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for (body, status, code, pointer) in bad_incidents() {
        let shown = body.to_string().chars().take(80).collect::<String>();
        let answer = admin.post("/api/v1/incidents", body).await;
        assert_eq!(answer.status, status, "{shown}: {answer:?}");
        assert_eq!(errors(&answer), [(pointer.to_owned(), code.to_owned())], "{shown}");
    }
    assert_eq!(admin.get("/api/v1/incidents").await.body["total"], 0);
}

#[tokio::test]
async fn all_errors_of_a_body_are_reported_together() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let answer = admin.post("/api/v1/incidents", json!({"title": "", "priority": "p", "service": " "})).await;
    let pointers: Vec<String> = errors(&answer).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["/title", "/priority", "/service"]);
}

#[tokio::test]
async fn bodies_that_are_not_json_or_too_large_are_refused() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let post = |body: Vec<u8>, content_type: &'static str| {
        send(admin.request(Method::POST, "/api/v1/incidents").header("Content-Type", content_type).body(body))
    };
    let json = "application/json";
    for malformed in [&b""[..], b"{", b"{\"title\":}", b"{\"title\": \"t\"} x", b"\xff\xfe", b"{\"title\": \"\xff\"}"] {
        let answer = post(malformed.to_vec(), json).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (400, &json!("malformed_json")), "{answer:?}");
    }
    let deep = post("[".repeat(100_000).into_bytes(), json).await;
    assert!(deep.status.is_client_error(), "{deep:?}");
    let text = post(b"{\"title\": \"t\"}".to_vec(), "text/plain").await;
    assert_eq!((text.status.as_u16(), &text.body["code"]), (415, &json!("unsupported_media_type")));
    let large = json!({"title": "t", "description": "d".repeat(2 * 1024 * 1024)}).to_string();
    let large = post(large.into_bytes(), json).await;
    assert_eq!((large.status.as_u16(), &large.body["code"]), (413, &json!("body_too_large")));
    assert_eq!(admin.get("/api/v1/incidents").await.body["total"], 0);
}

#[tokio::test]
async fn an_invalid_patch_changes_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("untouched").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    let cases = [
        (json!({}), 400, "empty_patch", ""),
        (json!({"title": null}), 422, "validation_failed", "/title"),
        (json!({"titel": "typo"}), 422, "validation_failed", "/titel"),
        (json!({"title": "x".repeat(10_000)}), 422, "validation_failed", "/title"),
        (json!({"description": "a\u{0}"}), 422, "validation_failed", "/description"),
        (json!({"version": 9}), 422, "validation_failed", "/version"),
        (json!({"status": "done"}), 422, "validation_failed", "/status"),
        (json!({"status": "closed"}), 409, "transition_refused", ""),
        (json!({"status": "cancelled"}), 422, "validation_failed", "/resolution"),
        (json!({"status": "cancelled", "resolution": {"code": "fixed"}}), 422, "validation_failed", "/resolution"),
        (
            json!({"status": "cancelled", "resolution": {"code": "duplicate"}}),
            422,
            "validation_failed",
            "/duplicate_of",
        ),
        (json!({"status": "cancelled", "resolution": ["duplicate", null]}), 422, "validation_failed", "/resolution"),
        (json!({"status": "cancelled", "resolution": {"code": "?"}}), 422, "validation_failed", "/resolution/code"),
        (json!({"status": "investigating", "hold_reason": "awaiting_user"}), 422, "validation_failed", "/hold_reason"),
        (json!({"hold_reason": "awaiting_user"}), 409, "transition_refused", ""),
        (json!({"assigned_to": 7}), 422, "validation_failed", "/assigned_to"),
    ];
    for (body, status, code, pointer) in cases {
        let answer = admin.patch(&path, body.clone()).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (status, &json!(code)), "{body}: {answer:?}");
        let found = errors(&answer).into_iter().next().map(|(pointer, _)| pointer).unwrap_or_default();
        assert_eq!(found, pointer, "{body}");
    }
    assert_eq!(admin.get(&path).await.body, opened);
    assert_eq!(admin.get(&format!("{path}/logs")).await.body["total"], 1);
}

#[tokio::test]
async fn unknown_resources_are_404_and_unknown_methods_405_with_allow() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for id in ["018f0000-0000-7000-8000-000000000000", "INC-999999", "nonsense", "INC-0", "%00", "%ff"] {
        let answer = admin.get(&format!("/api/v1/incidents/{id}")).await;
        assert_eq!(answer.status, 404, "{id}: {answer:?}");
        assert_eq!(admin.patch(&format!("/api/v1/incidents/{id}"), json!({"title": "t"})).await.status, 404);
        assert_eq!(admin.post(&format!("/api/v1/incidents/{id}/logs"), json!({"message": "m"})).await.status, 404);
    }
    for path in ["/", "/api/v1", "/api/v2/incidents", "/api/v1/incidents/a/b", "/favicon.ico"] {
        assert_eq!(admin.get(path).await.status, 404, "{path}");
    }
    for (method, path, allow) in [
        (Method::PUT, "/api/v1/incidents", "GET, POST, HEAD"),
        (Method::POST, "/api/v1/incidents/INC-1", "GET, PATCH, DELETE, HEAD"),
        (Method::DELETE, "/health/live", "GET, HEAD"),
        (Method::GET, "/api/v1/auth/login", "POST"),
        (Method::TRACE, "/api/v1/users/me", "GET, PATCH, HEAD"),
    ] {
        let answer = send(admin.request(method.clone(), path)).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.headers["allow"], allow);
    }
}

#[tokio::test]
async fn a_valid_request_id_is_kept_and_an_invalid_one_replaced() {
    let server = TestServer::start().await;
    let ask = |id: &str| send(server.client().request(Method::GET, "/health/live").header("X-Request-Id", id));
    assert_eq!(ask("abc-123").await.headers["x-request-id"], "abc-123");
    for harmful in ["a b", "{\"x\":1}", &"x".repeat(129)] {
        assert_ne!(ask(harmful).await.headers["x-request-id"], harmful);
    }
}
