//! Several replicas that count requests in one Redis.

use std::{sync::Arc, time::Instant};

use chrono::TimeDelta;
use incident_domain::kernel::RateLimiter;
use tokio::task::JoinSet;

use crate::scene::{new_rate_key, patient_limiter, quota, redis_connection, redis_url};

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn replicas_share_the_counter_of_simultaneous_requests() {
    const BURST: u32 = 10;
    let replicas = [patient_limiter(&redis_url()).0, patient_limiter(&redis_url()).0].map(Arc::new);
    let quota = quota(BURST, 3_600, BURST);
    let key = new_rate_key(&quota);
    let mut requests = JoinSet::new();
    for _ in 0..32 {
        for replica in &replicas {
            let replica = Arc::clone(replica);
            requests.spawn(async move { replica.admit(&key, &quota).await });
        }
    }
    let admissions = requests.join_all().await;
    let mut remaining: Vec<u32> =
        admissions.iter().filter(|admission| admission.is_admitted).map(|admission| admission.remaining).collect();
    remaining.sort_unstable();
    assert_eq!(remaining, (0..BURST).collect::<Vec<_>>());
}

/// The clock of the replica stands still: the bucket refills by the clock of Redis.
#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn fast_requests_get_no_more_than_quota_and_burst() {
    const BURST: u32 = 10;
    const INTERVAL_MS: u128 = 10;
    let (limiter, _) = patient_limiter(&redis_url());
    let quota = quota(100, 1, BURST);
    let key = new_rate_key(&quota);
    let started = Instant::now();
    let (mut admitted, mut offered) = (0, 0);
    while admitted < 3 * BURST {
        admitted += u32::from(limiter.admit(&key, &quota).await.is_admitted);
        offered += 1;
        let refilled = started.elapsed().as_millis() / INTERVAL_MS + 1;
        assert!(u128::from(admitted) <= u128::from(BURST) + refilled, "{admitted} of {offered}, {refilled} refilled");
    }
}

#[tokio::test]
#[ignore = "needs Redis: set TEST_REDIS_URL"]
async fn a_key_expires_when_its_bucket_is_full() {
    let (limiter, _) = patient_limiter(&redis_url());
    let quota = quota(60, 3_600, 5);
    let key = new_rate_key(&quota);
    let subject = u128::from_be_bytes(*key.subject());
    let mut connection = redis_connection().await;
    for taken in 1..=5 {
        let admission = limiter.admit(&key, &quota).await;
        assert!(admission.is_admitted && admission.full_after <= TimeDelta::minutes(taken));
        let mut command = redis::cmd("PTTL");
        command.arg(format!("incident:rate:{}:{subject:032x}", key.quota()));
        let left_ms: i64 = command.query_async(&mut connection).await.expect("Redis responds");
        assert!(left_ms > 0 && left_ms <= 60_000 * taken, "{left_ms} ms after {taken}");
    }
}
