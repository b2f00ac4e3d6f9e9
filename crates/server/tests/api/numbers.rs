//! The numbers about incidents; that they are right, the import's tests show on the real event log.

use serde_json::{Value, json};

use crate::support::TestServer;

#[tokio::test]
async fn incidents_are_counted_by_what_they_are() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let me = admin.get("/api/v1/users/me").await.text_of("id");
    for (priority, service) in [("critical", "checkout"), ("low", "checkout"), ("low", "mail")] {
        let body = json!({"title": "t", "priority": priority, "service": service});
        admin.post("/api/v1/incidents", body).await;
    }
    let numbers = admin.get("/api/v1/incidents?fields=number").await;
    let first = numbers.items()[0]["number"].as_str().expect("a number").to_owned();
    let path = format!("/api/v1/incidents/{first}");
    admin.patch(&path, json!({"status": "investigating"})).await;
    admin.patch(&path, json!({"status": "resolved", "resolution": {"code": "fixed"}})).await;
    admin.patch(&path, json!({"status": "investigating", "reason": "it is back"})).await;

    let report = admin.get("/api/v1/stats/incidents?by=day").await;
    assert_eq!(report.status, 200, "{report:?}");
    let report = report.body;
    assert_eq!((&report["incidents"], &report["reopened"]), (&json!(3), &json!(1)));
    let rate = report["reopen_rate"].as_f64().expect("a rate");
    assert!((rate - 1.0 / 3.0).abs() < 1e-9, "{rate}");
    let count = |list: &str, name: &str, value: Value| {
        let items = report[list].as_array().expect("a list");
        items.iter().find(|item| item[name] == value).map(|item| item["count"].clone())
    };
    assert_eq!(count("by_status", "status", json!("open")), Some(json!(2)));
    assert_eq!(count("by_status", "status", json!("closed")), Some(json!(0)));
    assert_eq!(count("by_priority", "priority", json!("low")), Some(json!(2)));
    assert_eq!(count("by_service", "service", json!("checkout")), Some(json!(2)));
    assert_eq!(count("by_assignee", "assigned_to", json!(me)), Some(json!(1)));
    assert_eq!(count("by_assignee", "assigned_to", Value::Null), Some(json!(2)));
    assert_eq!(report["time_to_acknowledge"]["count"], 1);
    assert_eq!(
        report["time_to_resolve"],
        json!({"count": 0, "mean_seconds": null, "p50_seconds": null, "p95_seconds": null})
    );
    let critical = &report["service_levels"][0];
    assert_eq!((&critical["priority"], &critical["acknowledge_target_seconds"]), (&json!("critical"), &json!(900)));
    assert_eq!(critical["acknowledge_breaches"], 0);

    let buckets = report["buckets"].as_array().expect("spans");
    let sum: u64 = buckets.iter().map(|bucket| bucket["incidents"].as_u64().expect("a count")).sum();
    assert_eq!(sum, 3);
    let filtered = admin.get("/api/v1/stats/incidents?service=mail").await.body;
    assert_eq!((&filtered["incidents"], &filtered["buckets"]), (&json!(1), &json!([])));
    let none = admin.get("/api/v1/stats/incidents?opened_until=2020-01-01T00:00:00Z&by=month").await.body;
    assert_eq!((&none["incidents"], &none["reopen_rate"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn what_does_not_fit_is_told() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let cases = [
        ("by=year", "?by", "unknown_value"),
        ("time_zone=Mars/Olympus", "?time_zone", "unknown_value"),
        ("include_hold_time=maybe", "?include_hold_time", "unknown_value"),
        ("opened_since=yesterday", "?opened_since", "not_a_time"),
        ("q=words", "?q", "unknown_parameter"),
    ];
    for (query, pointer, code) in cases {
        let answer = admin.get(&format!("/api/v1/stats/incidents?{query}")).await;
        assert_eq!(answer.invalid(), (pointer.to_owned(), code.to_owned()), "{query}");
    }
}
