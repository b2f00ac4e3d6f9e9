//! The lifecycle of an incident.

use serde_json::json;

use crate::support::TestServer;

#[tokio::test]
async fn an_incident_is_opened_resolved_closed_reopened_and_deleted() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let me = admin.get("/api/v1/users/me").await.body;

    let opened = admin
        .post("/api/v1/incidents", json!({"title": "checkout answers 500", "impact": "high", "urgency": "high"}))
        .await;
    assert_eq!(opened.status, 201, "{opened:?}");
    assert_eq!(opened.body["status"], "open");
    assert_eq!(opened.body["priority"], "critical", "by the matrix");
    assert_eq!(opened.body["reported_by"], me["id"]);
    let number = opened.body["number"].as_str().expect("a number");
    let path = format!("/api/v1/incidents/{number}");
    let location = opened.headers["location"].to_str().expect("a path");
    assert_eq!(admin.get(location).await.body["number"], number);

    let resolve = json!({"status": "resolved", "resolution": {"code": "fixed", "note": "rolled back"}});
    let refused = admin.patch(&path, resolve.clone()).await;
    assert_eq!(refused.status, 409, "work is acknowledged before it is resolved");
    assert_eq!(refused.body["code"], "transition_refused");
    assert_eq!(refused.body["from"], "open");
    assert_eq!(refused.body["to"], "resolved");
    assert_eq!(refused.body["allowed"], json!(["investigating", "cancelled"]));

    let acknowledged = admin.patch(&path, json!({"status": "investigating"})).await;
    assert_eq!(acknowledged.body["assigned_to"], me["id"], "acknowledging assigns the incident");
    assert!(acknowledged.body["acknowledged_at"].is_string());

    let on_hold = admin.patch(&path, json!({"status": "on_hold", "hold_reason": "awaiting_vendor"})).await;
    assert_eq!(on_hold.body["hold_reason"], "awaiting_vendor");
    let resumed = admin.patch(&path, json!({"status": "investigating"})).await;
    assert!(resumed.body["hold_reason"].is_null());

    let resolved = admin.patch(&path, resolve).await;
    assert_eq!(resolved.body["resolution"], json!({"code": "fixed", "note": "rolled back"}));
    let closed = admin.patch(&path, json!({"status": "closed"})).await;
    assert!(closed.body["closed_at"].is_string(), "{closed:?}");

    let reopened = admin.patch(&path, json!({"status": "investigating", "reason": "it is back"})).await;
    assert_eq!(reopened.body["reopen_count"], 1);
    for cleared in ["resolved_at", "closed_at", "resolution"] {
        assert!(reopened.body[cleared].is_null(), "{cleared} after reopening: {reopened:?}");
    }

    let logs = admin.get(&format!("{path}/logs")).await.body;
    let kinds: Vec<_> = logs["items"].as_array().expect("items").iter().map(|entry| entry["kind"].clone()).collect();
    let (changed, assigned) = ("status_changed", "assigned");
    assert_eq!(kinds, ["opened", changed, assigned, changed, changed, changed, changed, changed]);
    assert_eq!(logs["items"][7]["message"], "it is back");

    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.get(&path).await.status, 404);
    assert_eq!(admin.get(&format!("{path}/logs")).await.status, 404);
    assert_eq!(admin.delete(&path).await.status, 404);
}

#[tokio::test]
async fn a_body_contains_the_requirements_of_each_allowed_transition() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("printer on fire").await;
    assert_eq!(
        opened["allowed_transitions"],
        json!([
            {"name": "acknowledge", "to": "investigating", "requires": [], "role": "responder"},
            {
                "name": "cancel",
                "to": "cancelled",
                "requires": [{"field": "resolution", "codes": ["duplicate", "false_alarm", "out_of_scope"]}],
                "role": "responder",
            },
        ])
    );
}

#[tokio::test]
async fn a_duplicate_is_cancelled_with_a_reference_to_its_original() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let (original, copy) = (admin.open("the first").await, admin.open("the second").await);
    let path = format!("/api/v1/incidents/{}", copy["number"].as_str().expect("a number"));

    let cancel = |of: &serde_json::Value| json!({"status": "cancelled", "resolution": {"code": "duplicate"}, "duplicate_of": of});
    let of_itself = admin.patch(&path, cancel(&copy["id"])).await;
    assert_eq!(of_itself.status, 422, "{of_itself:?}");
    let of_nothing = admin.patch(&path, cancel(&json!("INC-999999"))).await;
    assert_eq!(of_nothing.status, 422, "{of_nothing:?}");

    let cancelled = admin.patch(&path, cancel(&original["number"])).await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    assert_eq!(cancelled.body["duplicate_of"], original["id"]);
    assert_eq!(cancelled.body["allowed_transitions"], json!([]));
}

#[tokio::test]
async fn fields_and_status_change_together_or_not_at_all() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("slow search").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));

    let refused = admin.patch(&path, json!({"title": "fast search", "status": "mitigated"})).await;
    assert_eq!(refused.status, 409);
    assert_eq!(admin.get(&path).await.body, opened, "a refused step takes the title with it");

    let both = admin.patch(&path, json!({"title": "very slow search", "status": "investigating"})).await;
    assert_eq!(both.body["title"], "very slow search");
    assert_eq!(both.body["status"], "investigating");
    assert_eq!(both.body["version"], 2, "one request is one version");
}
