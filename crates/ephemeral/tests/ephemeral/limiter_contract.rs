//! The contract of rate limiters, as tests that run on each adapter.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::kernel::{Admission, Quota, RateKey, Timestamp};
use tokio::task::JoinSet;

use crate::scene::{new_rate_key, start, unique_name};

/// A limiter whose time the test sets.
#[async_trait]
pub(crate) trait TimedLimiter: Send + Sync + 'static {
    async fn admit_at(&self, key: &RateKey, quota: &Quota, now: Timestamp) -> Admission;
}

/// Returns a quota per hour. No test takes that long, so counters in Redis do not expire during it.
fn quota(requests: u32, burst: u32) -> Quota {
    crate::scene::quota(requests, 3_600, burst)
}

/// Returns the shortest step of time.
const fn step() -> TimeDelta {
    TimeDelta::microseconds(1)
}

pub(crate) async fn a_burst_is_admitted_at_once_and_then_one_by_one(limiter: Arc<impl TimedLimiter>) {
    let quota = quota(3_600, 3);
    let key = new_rate_key(&quota);
    for remaining in [2, 1, 0] {
        let admission = limiter.admit_at(&key, &quota, start()).await;
        assert_eq!((admission.is_admitted, admission.remaining), (true, remaining));
        assert_eq!(admission.full_after, TimeDelta::seconds(3 - i64::from(remaining)));
    }
    for second in 1..10 {
        let now = start() + TimeDelta::seconds(second);
        assert!(!limiter.admit_at(&key, &quota, now - step()).await.is_admitted, "{second}");
        assert!(limiter.admit_at(&key, &quota, now).await.is_admitted, "{second}");
        assert!(!limiter.admit_at(&key, &quota, now).await.is_admitted, "{second}");
    }
}

pub(crate) async fn a_request_is_admitted_after_the_announced_wait_and_not_before(limiter: Arc<impl TimedLimiter>) {
    for quota in [quota(7, 3), quota(1, 1), quota(1_000, 10), quota(11, 1)] {
        let key = new_rate_key(&quota);
        let mut now = start();
        for _ in 0..20 {
            let admission = limiter.admit_at(&key, &quota, now).await;
            if admission.is_admitted {
                continue;
            }
            assert!(admission.retry_after > TimeDelta::zero());
            let too_soon = limiter.admit_at(&key, &quota, now + admission.retry_after - step()).await;
            assert_eq!((too_soon.is_admitted, too_soon.retry_after), (false, step()), "{quota:?}");
            now += admission.retry_after;
            assert!(limiter.admit_at(&key, &quota, now).await.is_admitted, "{quota:?}");
        }
    }
}

pub(crate) async fn buckets_are_independent(limiter: Arc<impl TimedLimiter>) {
    let strict = quota(1, 1);
    let other_limit = Quota { name: "tests-other", ..strict };
    let same_parts = unique_name();
    let keys = [
        (RateKey::new(&strict, &[&same_parts]), strict),
        (RateKey::new(&strict, &[&same_parts, ""]), strict),
        (RateKey::new(&other_limit, &[&same_parts]), other_limit),
    ];
    for expected in [true, false] {
        for (key, quota) in &keys {
            let admission = limiter.admit_at(key, quota, start()).await;
            assert_eq!(admission.is_admitted, expected, "{key:?}");
        }
    }
}

pub(crate) async fn simultaneous_requests_are_counted_one_by_one(limiter: Arc<impl TimedLimiter>) {
    const SIMULTANEOUS: u32 = 64;
    let quota = quota(10, 10);
    let key = new_rate_key(&quota);
    let mut requests = JoinSet::new();
    for _ in 0..SIMULTANEOUS {
        let limiter = Arc::clone(&limiter);
        requests.spawn(async move { limiter.admit_at(&key, &quota, start()).await });
    }
    let admissions = requests.join_all().await;
    let mut remaining: Vec<u32> =
        admissions.iter().filter(|admission| admission.is_admitted).map(|admission| admission.remaining).collect();
    remaining.sort_unstable();
    assert_eq!(remaining, (0..10).collect::<Vec<_>>());
}

pub(crate) async fn three_times_the_quota_gets_no_more_than_quota_and_burst(limiter: Arc<impl TimedLimiter>) {
    for (requests, burst) in [(60, 10), (5, 5), (5, 1), (300, 30)] {
        let quota = quota(requests, burst);
        let key = new_rate_key(&quota);
        let offered = 3 * requests;
        let mut admitted = 0;
        for request in 0..offered {
            let now = start() + TimeDelta::microseconds(3_600_000_000 * i64::from(request) / i64::from(offered));
            admitted += u32::from(limiter.admit_at(&key, &quota, now).await.is_admitted);
        }
        assert!((requests..=requests + burst).contains(&admitted), "{requests}, {burst}: {admitted}");
    }
}

pub(crate) async fn a_clock_that_was_set_back_delays_no_request_for_long(limiter: Arc<impl TimedLimiter>) {
    let quota = quota(2, 1);
    let key = new_rate_key(&quota);
    let day_ahead = start() + TimeDelta::days(1);
    assert!(limiter.admit_at(&key, &quota, day_ahead).await.is_admitted);
    let refused = limiter.admit_at(&key, &quota, start()).await;
    assert_eq!((refused.is_admitted, refused.retry_after), (false, TimeDelta::minutes(30)));
    let refused = limiter.admit_at(&key, &quota, start() + TimeDelta::minutes(20)).await;
    assert_eq!((refused.is_admitted, refused.retry_after), (false, TimeDelta::minutes(10)));
    assert!(limiter.admit_at(&key, &quota, start() + TimeDelta::minutes(30)).await.is_admitted);
}

/// Random quotas and times, mostly forwards: each decision must equal that of the domain.
pub(crate) async fn every_decision_equals_that_of_the_domain(limiter: Arc<impl TimedLimiter>) {
    const STEPS: u32 = 2_000;
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..5 {
        let quota = quota(random.u32(1..=10_000), random.u32(1..=50));
        let key = new_rate_key(&quota);
        let (mut now, mut full_at) = (start(), None);
        for step in 0..STEPS / 5 {
            let by = TimeDelta::microseconds(random.i64(0..3 * quota.interval_us()));
            now = if random.u8(0..20) == 0 { now - by } else { now + by };
            let (expected, then) = quota.admit(full_at, now);
            full_at = Some(then);
            let admission = limiter.admit_at(&key, &quota, now).await;
            assert_eq!(admission, expected, "step {step} of {quota:?}");
        }
    }
}

/// Tests each case, with these attributes, on the limiter that a future creates.
macro_rules! limiter_contract {
    ($create:expr $(, #[$attribute:meta])*) => {
        $crate::limiter_contract::limiter_contract! { @each $create; [$(#[$attribute])*];
            a_burst_is_admitted_at_once_and_then_one_by_one
            a_request_is_admitted_after_the_announced_wait_and_not_before
            buckets_are_independent
            simultaneous_requests_are_counted_one_by_one
            three_times_the_quota_gets_no_more_than_quota_and_burst
            a_clock_that_was_set_back_delays_no_request_for_long
            every_decision_equals_that_of_the_domain
        }
    };
    (@each $create:expr; $attributes:tt; $($case:ident)*) => {
        $($crate::limiter_contract::limiter_contract! { @one $create; $attributes; $case })*
    };
    (@one $create:expr; [$(#[$attribute:meta])*]; $case:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        $(#[$attribute])*
        async fn $case() {
            $crate::limiter_contract::$case(::std::sync::Arc::new($create.await)).await;
        }
    };
}
pub(crate) use limiter_contract;
