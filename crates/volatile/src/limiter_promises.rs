//! What every limiter promises, run against each of them.

use std::{num::NonZeroU32, sync::Arc};

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::kernel::{Admission, Quota, RateKey, Timestamp};
use tokio::task::JoinSet;

use crate::manual_clock::start;

/// A limiter that can be told what time it is.
#[async_trait]
pub(crate) trait TimedLimiter: Send + Sync + 'static {
    async fn admit_at(&self, key: &RateKey, quota: &Quota, now: Timestamp) -> Admission;
}

/// So many requests an hour, which no test lasts: a counter that forgets by the real time forgets nothing.
pub(crate) fn quota(requests: u32, burst: u32) -> Quota {
    let some = |number| NonZeroU32::new(number).unwrap();
    Quota { name: "promises", requests: some(requests), period_seconds: some(3_600), burst: some(burst) }
}

/// A name that no other test has, nor any earlier run of it.
fn new_name() -> String {
    getrandom::u64().unwrap().to_string()
}

fn new_key(quota: &Quota) -> RateKey {
    RateKey::new(quota, &[&new_name()])
}

const fn moment() -> TimeDelta {
    TimeDelta::microseconds(1)
}

pub(crate) async fn a_burst_is_admitted_at_once_and_then_one_by_one(limiter: Arc<impl TimedLimiter>) {
    let quota = quota(3_600, 3);
    let key = new_key(&quota);
    for remaining in [2, 1, 0] {
        let admission = limiter.admit_at(&key, &quota, start()).await;
        assert_eq!((admission.is_admitted, admission.remaining), (true, remaining));
        assert_eq!(admission.full_after, TimeDelta::seconds(3 - i64::from(remaining)));
    }
    for second in 1..10 {
        let now = start() + TimeDelta::seconds(second);
        assert!(!limiter.admit_at(&key, &quota, now - moment()).await.is_admitted, "{second}");
        assert!(limiter.admit_at(&key, &quota, now).await.is_admitted, "{second}");
        assert!(!limiter.admit_at(&key, &quota, now).await.is_admitted, "{second}");
    }
}

pub(crate) async fn who_waits_as_told_is_admitted_and_not_a_moment_before(limiter: Arc<impl TimedLimiter>) {
    for quota in [quota(7, 3), quota(1, 1), quota(1_000, 10), quota(11, 1)] {
        let key = new_key(&quota);
        let mut now = start();
        for _ in 0..20 {
            let admission = limiter.admit_at(&key, &quota, now).await;
            if admission.is_admitted {
                continue;
            }
            assert!(admission.retry_after > TimeDelta::zero());
            let too_soon = limiter.admit_at(&key, &quota, now + admission.retry_after - moment()).await;
            assert_eq!((too_soon.is_admitted, too_soon.retry_after), (false, moment()), "{quota:?}");
            now += admission.retry_after;
            assert!(limiter.admit_at(&key, &quota, now).await.is_admitted, "{quota:?}");
        }
    }
}

pub(crate) async fn buckets_are_independent(limiter: Arc<impl TimedLimiter>) {
    let strict = quota(1, 1);
    let other_limit = Quota { name: "promises-other", ..strict };
    let same_parts = new_name();
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

pub(crate) async fn requests_of_the_same_moment_are_counted_one_by_one(limiter: Arc<impl TimedLimiter>) {
    const AT_ONCE: u32 = 64;
    let quota = quota(10, 10);
    let key = new_key(&quota);
    let mut requests = JoinSet::new();
    for _ in 0..AT_ONCE {
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
        let key = new_key(&quota);
        let offered = 3 * requests;
        let mut admitted = 0;
        for request in 0..offered {
            let now = start() + TimeDelta::microseconds(3_600_000_000 * i64::from(request) / i64::from(offered));
            admitted += u32::from(limiter.admit_at(&key, &quota, now).await.is_admitted);
        }
        assert!((requests..=requests + burst).contains(&admitted), "{requests}, {burst}: {admitted}");
    }
}

pub(crate) async fn a_clock_that_was_set_back_locks_nobody_out_for_long(limiter: Arc<impl TimedLimiter>) {
    let quota = quota(2, 1);
    let key = new_key(&quota);
    let day_ahead = start() + TimeDelta::days(1);
    assert!(limiter.admit_at(&key, &quota, day_ahead).await.is_admitted);
    let refused = limiter.admit_at(&key, &quota, start()).await;
    assert_eq!((refused.is_admitted, refused.retry_after), (false, TimeDelta::minutes(30)));
    let refused = limiter.admit_at(&key, &quota, start() + TimeDelta::minutes(20)).await;
    assert_eq!((refused.is_admitted, refused.retry_after), (false, TimeDelta::minutes(10)));
    assert!(limiter.admit_at(&key, &quota, start() + TimeDelta::minutes(30)).await.is_admitted);
}

/// Random times, mostly forwards, and random quotas: each answer must be the domain's.
pub(crate) async fn every_decision_is_the_domains(limiter: Arc<impl TimedLimiter>) {
    const STEPS: u32 = 2_000;
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..5 {
        let quota = quota(1 + random.below(10_000), 1 + random.below(50));
        let key = new_key(&quota);
        let (mut now, mut full_at) = (start(), None);
        for step in 0..STEPS / 5 {
            let most = u32::try_from(3 * quota.interval_us()).unwrap_or(u32::MAX);
            let by = TimeDelta::microseconds(random.below(most).into());
            now = if random.below(20) == 0 { now - by } else { now + by };
            let (expected, then) = quota.admit(full_at, now);
            full_at = Some(then);
            let admission = limiter.admit_at(&key, &quota, now).await;
            assert_eq!(admission, expected, "step {step} of {quota:?}");
        }
    }
}

/// A generator of numbers that look random and are the same in every run (Marsaglia, "Xorshift RNGs", 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 % u64::from(limit.max(1))).unwrap()
    }
}

/// A test for each promise, with these attributes, of the limiter that a future makes.
macro_rules! promises {
    ($make:expr $(, #[$attribute:meta])*) => {
        $crate::limiter_promises::promises! { @each $make; [$(#[$attribute])*];
            a_burst_is_admitted_at_once_and_then_one_by_one
            who_waits_as_told_is_admitted_and_not_a_moment_before
            buckets_are_independent
            requests_of_the_same_moment_are_counted_one_by_one
            three_times_the_quota_gets_no_more_than_quota_and_burst
            a_clock_that_was_set_back_locks_nobody_out_for_long
            every_decision_is_the_domains
        }
    };
    (@each $make:expr; $attributes:tt; $($promise:ident)*) => {
        $($crate::limiter_promises::promises! { @one $make; $attributes; $promise })*
    };
    (@one $make:expr; [$(#[$attribute:meta])*]; $promise:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        $(#[$attribute])*
        async fn $promise() {
            $crate::limiter_promises::$promise(Arc::new($make.await)).await;
        }
    };
}
pub(crate) use promises;
