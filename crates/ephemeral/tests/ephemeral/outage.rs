//! How the limiter counts while Redis is unavailable, and what it logs.

use chrono::TimeDelta;
use incident_domain::kernel::RateLimiter;
use incident_ephemeral::{REDIS_PAUSE, RedisLimiter, RedisUrlError};
use incident_test_support::{Proxy, unused_address};
use tokio::{net::TcpListener, sync::mpsc};

use crate::scene::{Log, ManualClock, limiter, new_rate_key, patient_limiter, quota, redis_url};

pub(crate) const OUTAGE: &str = "redis does not respond";
pub(crate) const RECOVERY: &str = "redis responds again";
pub(crate) const PASSWORD: &str = "correct-horse-battery";

#[tokio::test]
async fn without_redis_requests_are_counted_in_memory_with_the_same_quota() {
    let (limiter, clock) = limiter(&format!("redis://{}", unused_address().await.expect("an address")));
    let quota = quota(6, 60, 3);
    let (key, other) = (new_rate_key(&quota), new_rate_key(&quota));
    for remaining in [2, 1, 0] {
        let admission = limiter.admit(&key, &quota).await;
        assert_eq!((admission.is_admitted, admission.remaining), (true, remaining));
    }
    let refused = limiter.admit(&key, &quota).await;
    assert_eq!((refused.is_admitted, refused.retry_after), (false, TimeDelta::seconds(10)));
    assert!(limiter.admit(&other, &quota).await.is_admitted);

    clock.advance(refused.retry_after - TimeDelta::microseconds(1));
    assert!(!limiter.admit(&key, &quota).await.is_admitted);
    clock.advance(TimeDelta::microseconds(1));
    assert!(limiter.admit(&key, &quota).await.is_admitted);
}

#[tokio::test]
async fn a_silent_redis_gets_one_request_after_each_pause() {
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (limiter, clock) = limiter(&format!("redis://{}", silent.local_addr().expect("an address")));
    let (accepting, mut accepted) = mpsc::unbounded_channel();
    let _accepting = tokio::spawn(async move {
        loop {
            let connection = silent.accept().await.expect("a connection");
            accepting.send(connection).expect("the test goes on");
        }
    });
    let quota = quota(1_000, 60, 1_000);
    let key = new_rate_key(&quota);
    let mut expected_remaining = 1_000;
    for _ in 0..3 {
        for _ in 0..50 {
            let admission = limiter.admit(&key, &quota).await;
            expected_remaining -= 1;
            assert!(admission.is_admitted && admission.remaining >= expected_remaining);
        }
        assert!(accepted.recv().await.is_some(), "one request was sent");
        assert!(accepted.try_recv().is_err(), "and no other");
        clock.advance(REDIS_PAUSE);
    }
}

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn after_an_outage_requests_are_counted_in_redis_again_and_both_changes_are_logged_once() {
    let (log, _listening) = Log::listen();
    let (mut proxy, url) = Proxy::in_front_of(&redis_url()).await.expect("a proxy");
    let (limiter, clock) = patient_limiter(&url);
    let quota = quota(10, 3_600, 10);
    let key = new_rate_key(&quota);
    let remaining = async || limiter.admit(&key, &quota).await.remaining;
    assert_eq!((remaining().await, remaining().await), (9, 8));
    assert_eq!((log.lines_with(OUTAGE), log.lines_with(RECOVERY)), (0, 0));

    proxy.cut().await;
    assert_eq!((remaining().await, remaining().await, remaining().await), (9, 8, 7), "in memory");
    clock.advance(REDIS_PAUSE);
    assert_eq!(remaining().await, 6, "still in memory");
    assert_eq!((log.lines_with(OUTAGE), log.lines_with(RECOVERY)), (1, 0));

    proxy.restore().await.expect("the same port");
    assert_eq!(remaining().await, 5, "the pause is not over");
    clock.advance(REDIS_PAUSE);
    assert_eq!((remaining().await, remaining().await), (7, 6), "the counter in redis is unchanged");
    assert_eq!((log.lines_with(OUTAGE), log.lines_with(RECOVERY)), (1, 1));
}

#[tokio::test]
async fn the_password_is_neither_shown_nor_logged() {
    let (log, _listening) = Log::listen();
    let address = unused_address().await.expect("an address");
    let (limiter, _) = limiter(&format!("redis://user:{PASSWORD}@{address}/0"));
    let quota = quota(1, 60, 1);
    limiter.admit(&new_rate_key(&quota), &quota).await;
    let shown = format!("{limiter:?} {limiter:#?} {}", log.text());
    assert_eq!(log.lines_with(OUTAGE), 1, "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
}

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn a_password_that_redis_refuses_is_not_logged() {
    let (log, _listening) = Log::listen();
    let server = redis_url();
    let (_, address) = server.rsplit_once(['@', '/']).expect("a url");
    let (limiter, _) = patient_limiter(&format!("redis://unknown:{PASSWORD}@{address}"));
    let quota = quota(1, 60, 1);
    limiter.admit(&new_rate_key(&quota), &quota).await;
    assert_eq!(log.lines_with(OUTAGE), 1, "{}", log.text());
    assert!(!log.text().contains(PASSWORD), "{}", log.text());
}

#[test]
fn an_invalid_url_is_refused_without_being_shown() {
    for url in ["", "redis", "http://127.0.0.1", &format!("postgres://user:{PASSWORD}@host/db"), "rediss://host"] {
        let clock = std::sync::Arc::new(ManualClock::default());
        let error = RedisLimiter::try_new(url, clock).expect_err(url);
        assert_eq!(error, RedisUrlError);
        assert!(!error.to_string().contains(PASSWORD), "{error}");
    }
}

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn a_connection_that_was_closed_is_reopened_without_an_outage() {
    let (log, _listening) = Log::listen();
    let (mut proxy, url) = Proxy::in_front_of(&redis_url()).await.expect("a proxy");
    let (limiter, _) = patient_limiter(&url);
    let quota = quota(10, 3_600, 10);
    let key = new_rate_key(&quota);
    for remaining in [9, 8, 7] {
        assert_eq!(limiter.admit(&key, &quota).await.remaining, remaining);
        proxy.cut().await;
        proxy.restore().await.expect("the same port");
    }
    assert_eq!(log.lines_with(OUTAGE), 0, "{}", log.text());
}
