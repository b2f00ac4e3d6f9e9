//! Rate limits and their headers.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use chrono::TimeDelta;
use incident_domain::{
    identity::{MockPasswordHasher, PasswordHasherError},
    kernel::{Quota, Role},
};
use serde_json::json;

use crate::scene::{Answer, PASSWORD, Scene};

fn quota(name: &'static str, requests: u32, burst: u32) -> Quota {
    let some = |number| NonZeroU32::new(number).expect("more than nothing");
    Quota { name, requests: some(requests), period_seconds: some(60), burst: some(burst) }
}

fn limits(answer: &Answer) -> (&str, &str) {
    (answer.header("ratelimit-policy"), answer.header("ratelimit"))
}

#[tokio::test]
async fn responses_report_the_remaining_quota_and_refusals_the_retry_time() {
    let mut scene = Scene::new();
    scene.quotas.requests_per_user = Some(quota("requests", 4, 3));
    scene.user("ada@example.org", Role::Viewer).await;
    let clock = scene.clock.clone();
    let anonymous = scene.start();
    let (ada, _) = anonymous.sign_in("ada@example.org").await;

    let policy = "\"requests\";q=4;w=60";
    let answer = ada.get("/users/me").await;
    assert_eq!((answer.status, limits(&answer)), (200, (policy, "\"requests\";r=2;t=15")));
    let answer = ada.get("/incidents/INC-1").await;
    assert_eq!((answer.status, limits(&answer)), (404, (policy, "\"requests\";r=1;t=30")));
    let answer = ada.post("/auth/password", json!({})).await;
    assert_eq!((answer.status, limits(&answer)), (422, (policy, "\"requests\";r=0;t=45")));

    clock.advance(TimeDelta::milliseconds(4_999));
    let refused = ada.get("/users/me").await;
    assert_eq!((refused.code(), limits(&refused)), ((429, "rate_limited"), (policy, "\"requests\";r=0;t=41")));
    assert_eq!(refused.header("retry-after"), "11", "10.001 seconds, rounded up");
    clock.advance(TimeDelta::milliseconds(10_001));
    assert_eq!(ada.get("/users/me").await.status, 200, "a client that waits for Retry-After is admitted");

    let unsigned = anonymous.get("/users/me").await;
    assert_eq!((unsigned.status, limits(&unsigned)), (401, ("", "")), "unauthenticated requests are not counted");
}

#[tokio::test]
async fn too_many_sign_ins_are_refused_with_their_limit() {
    let mut scene = Scene::new();
    scene.quotas.sign_ins_per_account = Some(quota("sign-ins", 2, 1));
    scene.user("ada@example.org", Role::Viewer).await;
    let client = scene.start();
    let wrong = json!({"email": "ada@example.org", "password": "wrong"});
    assert_eq!(client.post("/auth/login", wrong.clone()).await.code(), (401, "wrong_credentials"));
    let refused = client.post("/auth/login", wrong).await;
    assert_eq!(refused.code(), (429, "rate_limited"));
    assert_eq!(limits(&refused), ("\"sign-ins\";q=2;w=60", "\"sign-ins\";r=0;t=30"));
    assert_eq!(refused.header("retry-after"), "30");
}

#[tokio::test]
async fn a_response_can_report_two_limits() {
    let mut scene = Scene::new();
    scene.quotas.requests_per_user = Some(quota("requests", 4, 3));
    scene.quotas.sign_ins_per_account = Some(quota("sign-ins", 2, 1));
    scene.user("ada@example.org", Role::Viewer).await;
    let (ada, _) = scene.start().sign_in("ada@example.org").await;
    let change = json!({"current_password": PASSWORD, "new_password": "zkqvhwmxtjrp"});
    let refused = ada.post("/auth/password", change).await;
    assert_eq!(refused.code(), (429, "rate_limited"), "the sign-in was the only attempt for now");
    let limits: Vec<_> = refused.headers.get_all("ratelimit").iter().collect();
    assert_eq!(limits, ["\"sign-ins\";r=0;t=30", "\"requests\";r=2;t=15"]);
}

#[tokio::test]
async fn too_many_queued_password_checks_are_a_503_with_retry_after() {
    let mut scene = Scene::new();
    let mut hasher = MockPasswordHasher::new();
    let busy = || PasswordHasherError::Busy { retry_after: Duration::from_millis(2_100) };
    hasher.expect_verify().returning(move |_, _| Err(busy()));
    scene.auth.hasher = Arc::new(hasher);
    let answer = scene.start().post("/auth/login", json!({"email": "a@example.org", "password": "p"})).await;
    assert_eq!(answer.code(), (503, "overloaded"));
    assert_eq!(answer.header("retry-after"), "3");
}

#[tokio::test]
async fn requests_are_counted_by_the_address_that_trusted_proxies_report() {
    let login = json!({"email": "ada@example.org", "password": "wrong"});
    for (trusted, expected) in [("127.0.0.1", 401), ("192.0.2.0/24", 429)] {
        let mut scene = Scene::new();
        scene.trusted_proxies = trusted.parse().expect("a list");
        scene.quotas.sign_ins_per_address = Some(quota("sign-ins-per-address", 1, 1));
        let client = scene.start();
        for (address, status) in [("198.51.100.1", 401), ("198.51.100.2", expected)] {
            let answer = client.with("X-Forwarded-For", address).post("/auth/login", login.clone()).await;
            assert_eq!(answer.status, status, "{address} by {trusted}");
        }
    }
}
