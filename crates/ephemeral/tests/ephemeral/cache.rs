//! Several replicas with a cache in one Redis, and what they do while Redis is unavailable.

use std::time::Duration;

use incident_domain::kernel::Cache;
use incident_ephemeral::REDIS_PAUSE;
use incident_test_support::{Proxy, unused_address};
use tokio::net::TcpListener;

use crate::{
    outage::{OUTAGE, PASSWORD, RECOVERY},
    scene::{Log, cache, new_cache_key, patient_cache, redis_connection, redis_url},
};

const LONG: Duration = Duration::from_mins(10);

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn a_value_of_one_replica_is_found_by_another() {
    let [(one, _), (other, _)] = [patient_cache(&redis_url()), patient_cache(&redis_url())];
    let key = new_cache_key();
    one.put(&key, b"value".to_vec(), LONG).await;
    assert_eq!(other.get(&key).await.as_deref(), Some(&b"value"[..]));
}

#[tokio::test]
async fn without_redis_values_are_cached_in_memory() {
    let (cache, clock) = cache(&format!("redis://{}", unused_address().await.expect("an address")));
    let key = new_cache_key();
    assert_eq!(cache.get(&key).await, None);
    cache.put(&key, b"value".to_vec(), Duration::from_secs(10)).await;
    assert_eq!(cache.get(&key).await.as_deref(), Some(&b"value"[..]));
    clock.advance(chrono::TimeDelta::seconds(10));
    assert_eq!(cache.get(&key).await, None);
}

#[tokio::test]
async fn a_silent_redis_gets_no_other_request_before_the_pause_is_over() {
    // Accepts connections and sends nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (log, _listening) = Log::listen();
    let (cache, _) = cache(&format!("redis://{}", silent.local_addr().expect("an address")));
    let key = new_cache_key();
    for _ in 0..50 {
        assert_eq!(cache.get(&key).await, None);
    }
    assert_eq!(log.lines_with(OUTAGE), 1, "{}", log.text());
    let accepted = silent.accept().await;
    assert!(accepted.is_ok(), "one request was sent");
    let another = tokio::time::timeout(Duration::from_millis(1), silent.accept()).await;
    assert!(another.is_err(), "and no other");
}

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn after_an_outage_values_in_redis_are_found_again_and_both_changes_are_logged_once() {
    let (log, _listening) = Log::listen();
    let (mut proxy, url) = Proxy::in_front_of(&redis_url()).await.expect("a proxy");
    let (cache, clock) = patient_cache(&url);
    let (before, during) = (new_cache_key(), new_cache_key());
    cache.put(&before, b"before".to_vec(), LONG).await;
    assert_eq!((log.lines_with(OUTAGE), log.lines_with(RECOVERY)), (0, 0));

    proxy.cut().await;
    assert_eq!(cache.get(&before).await, None, "redis is unavailable");
    cache.put(&during, b"during".to_vec(), LONG).await;
    assert!(cache.get(&during).await.is_some(), "in memory");
    assert_eq!((log.lines_with(OUTAGE), log.lines_with(RECOVERY)), (1, 0));

    proxy.restore().await.expect("the same port");
    assert_eq!(cache.get(&before).await, None, "the pause is not over");
    clock.advance(REDIS_PAUSE);
    assert_eq!(cache.get(&before).await.as_deref(), Some(&b"before"[..]));
    assert_eq!(cache.get(&during).await, None, "it was put in memory only");
    assert_eq!((log.lines_with(OUTAGE), log.lines_with(RECOVERY)), (1, 1));
}

#[tokio::test]
async fn the_password_is_neither_shown_nor_logged() {
    let (log, _listening) = Log::listen();
    let (cache, _) = cache(&format!("redis://user:{PASSWORD}@{}/0", unused_address().await.expect("an address")));
    assert_eq!(cache.get(&new_cache_key()).await, None);
    let shown = format!("{cache:?} {cache:#?} {}", log.text());
    assert_eq!(log.lines_with(OUTAGE), 1, "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
}

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn redis_removes_expired_values_by_itself() {
    let key = new_cache_key();
    patient_cache(&redis_url()).0.put(&key, b"value".to_vec(), Duration::from_secs(7)).await;
    let name = key.digest().iter().fold("incident:cache:tests:".to_owned(), |name, byte| format!("{name}{byte:02x}"));
    let mut command = redis::cmd("PTTL");
    command.arg(name);
    let left_ms: i64 = command.query_async(&mut redis_connection().await).await.expect("Redis responds");
    assert!((1..=7_000).contains(&left_ms), "{left_ms} ms");
}
