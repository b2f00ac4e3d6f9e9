//! Several replicas that remember in one Redis, and what they do while it is away.

use std::time::Duration;

use incident_domain::kernel::{Cache, CacheKey};
use incident_volatile::REDIS_PAUSE;
use tokio::net::TcpListener;

use crate::{
    away::{FOUND, LOST, PASSWORD, nowhere},
    proxy::Proxy,
    scene::{Log, cache, patient_cache, redis_url},
};

const LONG: Duration = Duration::from_mins(10);

/// A key that no other test has, nor any earlier run of it.
fn new_key() -> CacheKey {
    let mut digest = [0; 32];
    getrandom::fill(&mut digest).expect("random bytes");
    CacheKey::new("redis-tests", digest)
}

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn what_one_replica_has_put_another_one_knows() {
    let [(one, _), (other, _)] = [patient_cache(&redis_url()), patient_cache(&redis_url())];
    let key = new_key();
    one.put(&key, b"value".to_vec(), LONG).await;
    assert_eq!(other.get(&key).await.as_deref(), Some(&b"value"[..]));
}

#[tokio::test]
async fn without_redis_it_remembers_in_memory() {
    let (cache, clock) = cache(&format!("redis://{}", nowhere().await));
    let key = new_key();
    assert_eq!(cache.get(&key).await, None);
    cache.put(&key, b"value".to_vec(), Duration::from_secs(10)).await;
    assert_eq!(cache.get(&key).await.as_deref(), Some(&b"value"[..]));
    clock.advance(chrono::TimeDelta::seconds(10));
    assert_eq!(cache.get(&key).await, None);
}

#[tokio::test]
async fn a_silent_redis_is_not_waited_for_again_before_the_pause_is_over() {
    // It accepts connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (log, _listening) = Log::listen();
    let (cache, _) = cache(&format!("redis://{}", silent.local_addr().expect("an address")));
    let key = new_key();
    for _ in 0..50 {
        assert_eq!(cache.get(&key).await, None);
    }
    assert_eq!(log.lines_with(LOST), 1, "{}", log.text());
    let accepted = silent.accept().await;
    assert!(accepted.is_ok(), "somebody asked");
    let another = tokio::time::timeout(Duration::from_millis(1), silent.accept()).await;
    assert!(another.is_err(), "and nobody else");
}

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn when_redis_comes_back_what_it_knew_is_known_again_and_both_changes_are_logged_once() {
    let (log, _listening) = Log::listen();
    let (mut proxy, url) = Proxy::in_front_of(&redis_url()).await;
    let (cache, clock) = patient_cache(&url);
    let (before, meanwhile) = (new_key(), new_key());
    cache.put(&before, b"before".to_vec(), LONG).await;
    assert_eq!((log.lines_with(LOST), log.lines_with(FOUND)), (0, 0));

    proxy.cut().await;
    assert_eq!(cache.get(&before).await, None, "it is away, and so is what it knew");
    cache.put(&meanwhile, b"meanwhile".to_vec(), LONG).await;
    assert!(cache.get(&meanwhile).await.is_some(), "in memory");
    assert_eq!((log.lines_with(LOST), log.lines_with(FOUND)), (1, 0));

    proxy.restore().await;
    assert_eq!(cache.get(&before).await, None, "the pause is not over");
    clock.advance(REDIS_PAUSE);
    assert_eq!(cache.get(&before).await.as_deref(), Some(&b"before"[..]));
    assert_eq!(cache.get(&meanwhile).await, None, "it was put elsewhere");
    assert_eq!((log.lines_with(LOST), log.lines_with(FOUND)), (1, 1));
}

#[tokio::test]
async fn the_password_is_neither_shown_nor_logged() {
    let (log, _listening) = Log::listen();
    let (cache, _) = cache(&format!("redis://user:{PASSWORD}@{}/0", nowhere().await));
    assert_eq!(cache.get(&new_key()).await, None);
    let shown = format!("{cache:?} {cache:#?} {}", log.text());
    assert_eq!(log.lines_with(LOST), 1, "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
}
