//! Failures that no well-behaved server shows: panics, and stores that break. Black box over HTTP, with
//! the store in memory and parts that fail on demand.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{net::SocketAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_application::{Auth, AuthPorts, IncidentPorts, Incidents};
use incident_domain::{
    SessionId, TimelineKey, UserId,
    ports::{
        AccessClaims, Clock, HealthCheck, HealthError, IdGenerator, MockPasswordHasher, MockSessionRepository,
        MockTokenIssuer, StoreError,
    },
};
use incident_http::{Services, Settings};
use incident_memory::{ManualClock, MemoryStore, SequentialIds};
use serde_json::Value;

/// A database that makes whoever asks for it panic.
struct Panicking;

#[async_trait]
impl HealthCheck for Panicking {
    async fn check(&self) -> Result<(), HealthError> {
        panic!("SELECT secret FROM somewhere");
    }
}

/// A server whose database check panics, and whose sessions cannot be read.
fn start() -> String {
    let (store, ids) = (Arc::new(MemoryStore::new()), Arc::new(SequentialIds::new()));
    let clock = Arc::new(ManualClock::at("2026-01-31T12:00:00Z".parse().expect("a time")));
    let mut tokens = MockTokenIssuer::new();
    let claims = AccessClaims {
        user_id: UserId::new(ids.next_id()),
        session_id: SessionId::new(ids.next_id()),
        issued_at: clock.now(),
        expires_at: clock.now(),
    };
    tokens.expect_check().returning(move |_, _| Ok(claims));
    let mut sessions = MockSessionRepository::new();
    sessions.expect_find().returning(|_| Err(StoreError::unavailable("password=hunter2 rejected")));
    let auth = AuthPorts {
        store: store.clone(),
        users: store.clone(),
        sessions: Arc::new(sessions),
        hasher: Arc::new(MockPasswordHasher::new()),
        tokens: Arc::new(tokens),
        clock: clock.clone(),
        ids: ids.clone(),
    };
    let incidents = IncidentPorts {
        store: store.clone(),
        incidents: store.clone(),
        numbers: store.clone(),
        timeline: store.clone(),
        users: store.clone(),
        clock,
        ids: ids.clone(),
    };
    let hour = Duration::from_hours(1);
    let services = Services {
        auth: Auth::new(auth, hour, hour),
        incidents: Incidents::new(incidents, TimelineKey::new(b"a key that only tests know of")),
        readiness: store,
        database: Arc::new(Panicking),
        ids,
    };
    let settings = Settings { workers: 1, stop_timeout: Duration::ZERO };
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let (server, address) = incident_http::bind(address, services, settings).expect("a port");
    tokio::spawn(server);
    format!("http://{address}")
}

async fn get(url: &str) -> (u16, String, Value) {
    let request = reqwest::Client::new().get(url).bearer_auth("token").header("X-Request-Id", "r-1");
    let response = request.send().await.expect("an answer");
    assert_eq!(response.headers()["x-request-id"], "r-1");
    let content_type = response.headers()["content-type"].to_str().expect("text").to_owned();
    let status = response.status().as_u16();
    (status, content_type, response.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing_and_the_server_goes_on() {
    let url = start();
    for _ in 0..3 {
        let (status, content_type, body) = get(&format!("{url}/health/db")).await;
        assert_eq!((status, content_type.as_str()), (500, "application/problem+json"));
        insta::assert_json_snapshot!("panic", body);
    }
    assert_eq!(get(&format!("{url}/health/ready")).await.0, 200);
}

#[tokio::test]
async fn a_store_that_breaks_is_a_503_that_does_not_say_why() {
    let url = start();
    let (status, content_type, body) = get(&format!("{url}/api/v1/users/me")).await;
    assert_eq!((status, content_type.as_str()), (503, "application/problem+json"));
    insta::assert_json_snapshot!("store_away", body);
}
