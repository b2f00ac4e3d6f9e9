//! How often something may be done, by the generic cell rate algorithm (ITU-T I.371, annex A): a bucket that
//! refills evenly, of which only one moment has to be remembered.

use std::num::NonZeroU32;

use async_trait::async_trait;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::Timestamp;

/// So many requests in a period, of which so many may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The quota's name: it tells clients which limit they met, and keeps the buckets of different limits apart.
    pub name: &'static str,
    /// How many requests a period admits.
    pub requests: NonZeroU32,
    /// The period in seconds.
    pub period_seconds: NonZeroU32,
    /// How many may come at once after a pause.
    pub burst: NonZeroU32,
}

/// The bucket that a request is taken from: what is counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateKey {
    quota: &'static str,
    subject: [u8; 16],
}

impl RateKey {
    /// The bucket of a quota for somebody, named by parts: an account and an address, say. Only a hash of the
    /// parts is kept, since limiters may store keys where addresses have no business to be.
    pub fn new(quota: &Quota, parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // With its length in front, no two lists of parts are the same bytes.
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut subject = [0; 16];
        subject.copy_from_slice(&hash.finalize()[..16]);
        Self { quota: quota.name, subject }
    }

    /// The quota's name.
    pub const fn quota(&self) -> &'static str {
        self.quota
    }

    /// Who it is about, hashed.
    pub const fn subject(&self) -> &[u8; 16] {
        &self.subject
    }
}

/// What a limiter says about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Whether the request may go on.
    pub is_admitted: bool,
    /// How many more would be admitted right now.
    pub remaining: u32,
    /// How long until the bucket is full again.
    pub full_after: TimeDelta,
    /// How long until the next request would be admitted; zero if it would be right now.
    pub retry_after: TimeDelta,
}

impl Quota {
    /// How long the bucket takes to refill by one request, in microseconds, rounded up so that rounding never
    /// admits more.
    pub fn interval_us(&self) -> i64 {
        let period_us = 1_000_000 * u64::from(self.period_seconds.get());
        i64::try_from(period_us.div_ceil(u64::from(self.requests.get()))).unwrap_or(i64::MAX)
    }

    /// How long an empty bucket takes to fill, in microseconds.
    pub fn fill_time_us(&self) -> i64 {
        self.interval_us().saturating_mul(self.burst.get().into())
    }

    /// Decides about one request, given when the bucket will be full again, and says when it will be after
    /// that. What is not admitted takes nothing from the bucket.
    pub fn admit(&self, full_at: Option<Timestamp>, now: Timestamp) -> (Admission, Timestamp) {
        let (interval_us, capacity_us) = (self.interval_us(), self.fill_time_us());
        let us = |time: TimeDelta| time.num_microseconds().unwrap_or(i64::MAX);
        // A clock that was set back must not lock anybody out for longer than an empty bucket would.
        let wait_us = full_at.map_or(0, |full_at| us(full_at - now)).clamp(0, capacity_us);
        let wait_after_us = wait_us.saturating_add(interval_us);
        let is_admitted = wait_after_us <= capacity_us;
        let full_us = if is_admitted { wait_after_us } else { wait_us };
        let remaining = u32::try_from((capacity_us - full_us) / interval_us.max(1)).unwrap_or(0);
        let retry_us = full_us.saturating_add(interval_us).saturating_sub(capacity_us).max(0);
        let admission = Admission {
            is_admitted,
            remaining,
            full_after: TimeDelta::microseconds(full_us),
            retry_after: TimeDelta::microseconds(retry_us),
        };
        (admission, now + TimeDelta::microseconds(full_us))
    }
}

/// Counts requests against quotas.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Takes one request from a bucket, if it has one left.
    ///
    /// - MUST decide as [`Quota::admit`] does, for every bucket by itself.
    /// - MUST count requests that come at the same time one after the other.
    /// - MUST answer soon and always: an adapter whose counter is elsewhere says in its documentation how it
    ///   decides while that is away.
    async fn admit(&self, key: &RateKey, quota: &Quota) -> Admission;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(requests: u32, burst: u32) -> Quota {
        let some = |number| NonZeroU32::new(number).unwrap();
        Quota { name: "test", requests: some(requests), period_seconds: some(60), burst: some(burst) }
    }

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_timestamp_millis(1_700_000_000_000 + ms).unwrap()
    }

    #[test]
    fn a_burst_is_admitted_at_once_and_then_one_by_one() {
        let quota = quota(5, 3);
        let mut full_at = None;
        let mut ask = |ms| {
            let (admission, then) = quota.admit(full_at, at(ms));
            full_at = Some(then);
            (admission.is_admitted, admission.remaining, admission.retry_after.num_milliseconds())
        };
        assert_eq!(ask(0), (true, 2, 0));
        assert_eq!(ask(0), (true, 1, 0));
        assert_eq!(ask(0), (true, 0, 12_000));
        assert_eq!(ask(0), (false, 0, 12_000));
        assert_eq!(ask(11_999), (false, 0, 1));
        assert_eq!(ask(12_000), (true, 0, 12_000), "who waits as long as they are told gets in");
        assert_eq!(ask(100_000), (true, 2, 0));
    }

    #[test]
    fn however_often_one_asks_no_more_than_quota_and_burst_are_admitted_in_a_period() {
        for (requests, burst) in [(5, 5), (5, 1), (1, 1), (60, 10), (6_000, 600), (7, 3)] {
            let quota = quota(requests, burst);
            let (mut full_at, mut admitted) = (None, 0);
            // Three times the quota, evenly spread over the period.
            let offered = 3 * i64::from(requests);
            for request in 0..offered {
                let (admission, then) = quota.admit(full_at, at(request * 60_000 / offered));
                full_at = Some(then);
                admitted += u32::from(admission.is_admitted);
            }
            assert!((requests.min(burst)..=requests + burst).contains(&admitted), "{requests}, {burst}: {admitted}");
        }
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out_for_long() {
        let quota = quota(5, 5);
        let in_an_hour = Some(at(3_600_000));
        let (admission, _) = quota.admit(in_an_hour, at(0));
        assert_eq!((admission.is_admitted, admission.retry_after.num_seconds()), (false, 12));
    }

    #[test]
    fn different_parts_are_different_buckets() {
        let quota = quota(5, 5);
        let keys = [&["ab", "c"][..], &["a", "bc"], &["abc"], &["abc", ""]].map(|parts| RateKey::new(&quota, parts));
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[index + 1..].contains(key));
        }
    }
}
