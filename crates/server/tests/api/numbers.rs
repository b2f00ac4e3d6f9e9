//! Statistics of incidents over HTTP. The tests of the import check their values on the real event log.

use serde_json::{Value, json};

use crate::{
    metrics::Metrics,
    support::{Client, TestServer},
};

#[tokio::test]
async fn incidents_are_counted_by_their_properties() {
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
    let since = admin.get("/api/v1/stats/incidents?opened_since=2026-01-01T00:00:00Z&by=month").await.body;
    let buckets = since["buckets"].as_array().expect("spans");
    assert_eq!((&buckets[0]["starts_on"], &buckets[0]["incidents"]), (&json!("2026-01-01"), &json!(0)));
    assert_eq!(buckets.last().expect("this month")["incidents"], 3);
    let past = "opened_since=2020-01-15T00:00:00Z&opened_until=2020-03-01T00:00:00Z&by=month";
    let past = admin.get(&format!("/api/v1/stats/incidents?{past}")).await.body;
    let months: Vec<_> = past["buckets"].as_array().expect("spans").iter().map(|bucket| &bucket["starts_on"]).collect();
    assert_eq!(months, [&json!("2020-01-01"), &json!("2020-02-01")]);
    let none = admin.get("/api/v1/stats/incidents?opened_until=2020-01-01T00:00:00Z&by=month").await.body;
    assert_eq!((&none["incidents"], &none["reopen_rate"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn invalid_parameters_of_statistics_are_named() {
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

/// Returns how many incidents there are, and when they were counted.
async fn counted(client: &Client, query: &str) -> (Value, String) {
    let report = client.get(&format!("/api/v1/stats/incidents?{query}")).await;
    assert_eq!(report.status, 200, "{report:?}");
    (report.body["incidents"].clone(), report.text_of("computed_at"))
}

#[tokio::test]
async fn statistics_are_cached_for_a_while_with_their_age() {
    let server = TestServer::start_with(&[("STATISTICS_CACHE_SECONDS", "3600")]).await;
    let admin = server.admin().await;
    admin.open("the first").await;
    let first = counted(&admin, "status=open,closed").await;
    assert_eq!(first.0, 1);
    admin.open("the second").await;
    let viewer = server.person("viewer").await;
    assert_eq!(counted(&viewer.client, "status=closed,open").await, first, "the same request of another user");
    let other = counted(&admin, "status=open").await;
    assert_eq!(other.0, 2, "another question is answered as things are");
    assert!(other.1 > first.1, "{other:?} after {first:?}");

    let metrics = Metrics::of(&admin).await;
    let looked_up =
        |result| metrics.value("incident_cache_lookups_total", &[("kind", "statistics"), ("result", result)]);
    assert!((looked_up("hit") - 1.0).abs() < f64::EPSILON && (looked_up("miss") - 2.0).abs() < f64::EPSILON);
}

#[tokio::test]
async fn statistics_are_computed_each_time_without_a_cache() {
    let server = TestServer::start_with(&[("STATISTICS_CACHE_SECONDS", "0")]).await;
    let admin = server.admin().await;
    for count in 1..=2 {
        admin.open("one more").await;
        assert_eq!(counted(&admin, "").await.0, count);
    }
}

#[tokio::test]
async fn statistics_are_available_without_redis() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let nowhere = format!("redis://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let server = TestServer::start_with(&[("REDIS_URL", &nowhere), ("STATISTICS_CACHE_SECONDS", "3600")]).await;
    let admin = server.admin().await;
    admin.open("the first").await;
    let first = counted(&admin, "").await;
    assert_eq!(first.0, 1);
    assert_eq!(counted(&admin, "").await, first, "each replica remembers by itself meanwhile");
}

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn servers_with_one_redis_compute_a_report_once() {
    const TRIES_MAX: usize = 20;
    let redis = std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL names a Redis");
    let settings = [("REDIS_URL", redis.as_str()), ("STATISTICS_CACHE_SECONDS", "600")];
    let server = TestServer::start_with(&settings).await;
    let other = server.start_second();
    let admin = server.admin().await;
    let there = other.with(&admin);
    // A server does not wait for a busy Redis, so a report may occasionally be computed twice.
    for tried in 1..=TRIES_MAX {
        admin.open("one more").await;
        let query = format!("service=number-{tried}");
        let (first, again) = (counted(&admin, &query).await, counted(&there, &query).await);
        assert_eq!(first.0, again.0);
        if first == again {
            let lookups = [("kind", "statistics"), ("result", "hit")];
            assert!(Metrics::of(&there).await.is("incident_cache_lookups_total", &lookups, 1));
            return;
        }
    }
    panic!("of {TRIES_MAX} reports none was found by the other server");
}
