//! `/metrics`, as Prometheus reads it.

mod exposition;

use std::{collections::BTreeSet, time::Duration};

use incident_server::Application;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{interval, timeout};

use crate::support::{ADMIN_EMAIL, Client, TestServer, config, send, url_of};
pub(crate) use exposition::Metrics;

const REQUESTS: &str = "incident_http_requests_total";

#[tokio::test]
async fn requests_are_counted_by_route_pattern_for_every_outcome() {
    let server = TestServer::start().await;
    let (admin, anonymous) = (server.admin().await, server.client());
    let incident = admin.open("one of many").await;
    for _ in 0..3 {
        assert_eq!(
            admin.get(&format!("/api/v1/incidents/{}", incident["number"].as_str().expect("a number"))).await.status,
            200
        );
    }
    assert_eq!(admin.get("/api/v1/incidents/INC-999999").await.status, 404);
    assert_eq!(anonymous.get("/api/v1/incidents/INC-1").await.status, 401);
    assert_eq!(anonymous.post("/api/v1/incidents/INC-1", json!({})).await.status, 405);
    assert_eq!(anonymous.get("/nowhere/to/be/found?by=chance").await.status, 404);

    let metrics = Metrics::of(&anonymous).await;
    let one = "/api/v1/incidents/{id}";
    for (method, route, status, count) in [
        ("POST", "/api/v1/auth/login", "200", 1),
        ("POST", "/api/v1/incidents", "201", 1),
        ("GET", one, "200", 3),
        ("GET", one, "404", 1),
        ("GET", one, "401", 1),
        ("POST", one, "405", 1),
        ("GET", "none", "404", 1),
    ] {
        let labels = [("method", method), ("route", route), ("status", status)];
        assert!(metrics.is(REQUESTS, &labels, count), "{labels:?}: {}", metrics.value(REQUESTS, &labels));
    }
    let timed = metrics.value("incident_http_request_duration_seconds_count", &[("method", "GET"), ("route", one)]);
    assert!((timed - 5.0).abs() < f64::EPSILON, "{timed} of five requests were timed");
    assert!(metrics.is("incident_http_requests_in_flight", &[], 1), "the one that asks for the metrics");
}

#[tokio::test]
async fn values_chosen_by_clients_create_no_series() {
    let server = TestServer::start().await;
    let client = server.client();
    let before = Metrics::of(&client).await.series();
    for number in 0..50 {
        let method = Method::from_bytes(format!("BREW{number}").as_bytes()).expect("a method");
        send(client.request(method, &format!("/api/v1/incidents/INC-{number}?q={number}"))).await;
        client.get(&format!("/pot/{number}")).await;
    }
    let after = Metrics::of(&client).await;
    // For each route and method a count and the buckets of a histogram: two of them, and the first request.
    let limit = before + 3 * 20;
    assert!(after.series() < limit, "{} series, {before} before", after.series());
    assert!(after.values_of("method").is_subset(&BTreeSet::from(["GET", "other"])), "{:?}", after.values_of("method"));
    let routes = after.values_of("route");
    assert_eq!(routes, BTreeSet::from(["/api/v1/incidents/{id}", "/metrics", "none"]));
}

#[tokio::test]
async fn servers_in_one_process_count_separately() {
    let server = TestServer::start().await;
    let other = server.start_second();
    assert_eq!(server.client().get("/health/live").await.status, 200);
    let labels = [("route", "/health/live"), ("status", "200")];
    assert!(Metrics::of(&server.client()).await.is(REQUESTS, &labels, 1));
    assert_eq!(Metrics::of(&other.client()).await.find(REQUESTS, &labels), None);
}

#[tokio::test]
async fn a_metrics_token_is_required_if_it_is_set() {
    let token = "a token that only Prometheus and tests know";
    let server = TestServer::start_with(&[("METRICS_TOKEN", token)]).await;
    let client = server.client();
    for (shown, status) in [(None, 401), (Some("another token"), 401), (Some(&token[1..]), 401), (Some(token), 200)] {
        let asked = match shown {
            Some(shown) => client.with_token(shown),
            None => client.clone(),
        };
        let answer = asked.get("/metrics").await;
        assert_eq!(answer.status, status, "{shown:?}: {answer:?}");
        assert!(status == 200 || answer.code() == (401, "invalid_token"), "{answer:?}");
        assert!(status == 200 || answer.header("www-authenticate") == "Bearer", "{answer:?}");
    }
}

#[tokio::test]
async fn the_metrics_describe_the_process_and_its_release() {
    let server = TestServer::start().await;
    let metrics = Metrics::of(&server.client()).await;
    assert!(metrics.is("incident_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1));
    assert!(metrics.is("incident_store_up", &[], 1));
    for name in ["process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"] {
        assert!(metrics.value(name, &[]) > 0.0, "{name}");
    }
    assert!(metrics.find("process_cpu_seconds_total", &[]).is_some());
}

/// Returns the metrics when no command is in progress: a server runs its maintenance after the start.
async fn metrics_when_idle(client: &Client) -> Metrics {
    const LOOKS_MAX: usize = 1_000;
    for _ in 0..LOOKS_MAX {
        let metrics = Metrics::of(client).await;
        let stored = metrics.value("incident_committer_sets_total", &[("result", "stored")]);
        let in_batches = metrics.value("incident_committer_batch_sets_sum", &[]);
        if metrics.is("incident_committer_waiting_sets", &[], 0) && (in_batches - stored).abs() < f64::EPSILON {
            return metrics;
        }
    }
    panic!("the committer does not come to rest");
}

#[tokio::test]
async fn commits_and_hashing_are_measured_and_incidents_are_counted() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    admin.open("the first").await;
    let second = admin.open("the second").await;
    let path = format!("/api/v1/incidents/{}", second["id"].as_str().expect("an id"));
    assert_eq!(admin.patch(&path, json!({"status": "investigating"})).await.status, 200);

    let metrics = metrics_when_idle(&admin).await;
    for (status, count) in [("open", 1), ("investigating", 1), ("on_hold", 0), ("mitigated", 0), ("cancelled", 0)] {
        assert!(metrics.is("incident_incidents", &[("status", status)], count), "{status}");
    }
    assert!(metrics.is("incident_sessions_live", &[], 1));
    assert!(metrics.is("incident_password_hash_duration_seconds_count", &[], 1));
    assert!(metrics.is("incident_password_hashes_waiting", &[], 0));
    assert!(metrics.is("incident_committer_waiting_sets", &[], 0));
    let stored = metrics.value("incident_committer_sets_total", &[("result", "stored")]);
    assert!(stored >= 4.0, "a session, two incidents, a change: {stored}");
    for result in ["refused", "unavailable"] {
        assert!(metrics.is("incident_committer_sets_total", &[("result", result)], 0), "{result}");
    }
    let batches = metrics.value("incident_committer_batch_sets_count", &[]);
    assert!((1.0..=stored).contains(&batches), "{batches} batches of {stored} sets");
    assert!((metrics.value("incident_committer_batch_sets_sum", &[]) - stored).abs() < f64::EPSILON);
    for pool in ["read", "write"] {
        let of = |state| metrics.value("incident_store_connections", &[("pool", pool), ("state", state)]);
        assert!(of("idle") + of("used") >= 1.0, "the {pool} pool has no connection");
    }
}

#[tokio::test]
async fn refused_requests_are_counted_by_quota() {
    let server = TestServer::start_with(&[("SIGN_INS_PER_MINUTE", "1")]).await;
    for status in [200, 429, 429] {
        assert_eq!(server.client().log_in(ADMIN_EMAIL, server.admin_password()).await.status, status);
    }
    let metrics = Metrics::of(&server.client()).await;
    assert!(metrics.is("incident_rate_limited_total", &[("quota", "sign_ins_per_account")], 2));
}

#[tokio::test]
async fn without_its_database_a_server_exposes_the_other_metrics() {
    let folder = TempDir::new().expect("a folder");
    let config = config(&format!("sqlite://{}", folder.path().join("late.db").display()));
    let application = Application::build(&config).expect("a server without a database");
    let client = Client { url: url_of(application.address()), token: None, http: reqwest::Client::new() };
    let running = tokio::spawn(application.run_until_stopped());

    assert_eq!(client.get("/health/db").await.status, 503);
    let away = Metrics::of(&client).await;
    assert!(away.is("incident_store_up", &[], 0));
    assert!(away.is(REQUESTS, &[("route", "/health/db"), ("status", "503")], 1));
    for name in ["incident_incidents", "incident_sessions_live"] {
        assert_eq!(away.find(name, &[]), None, "{name}");
    }

    incident_migrations::up(config.database_url.expose_secret()).await.expect("the schema");
    let is_up = async {
        let mut ticks = interval(Duration::from_millis(50));
        while !Metrics::of(&client).await.is("incident_store_up", &[], 1) {
            ticks.tick().await;
        }
    };
    timeout(Duration::from_secs(15), is_up).await.expect("it is up again");
    assert!(Metrics::of(&client).await.is("incident_incidents", &[("status", "open")], 0));
    running.abort();
}
