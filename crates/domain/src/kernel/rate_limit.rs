//! Rate limits by the generic cell rate algorithm (ITU-T I.371, annex A): a bucket that refills at a constant rate,
//! whose state is a single point in time.

use std::num::NonZeroU32;

use async_trait::async_trait;
use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::Timestamp;

/// A number of requests per period, and the most of them that may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The name, by which clients recognise the limit and the buckets of different quotas are kept apart.
    pub name: &'static str,
    /// The number of requests that a period admits.
    pub requests: NonZeroU32,
    /// The period in seconds.
    pub period_seconds: NonZeroU32,
    /// The most requests that are admitted at once after a pause.
    pub burst: NonZeroU32,
}

/// The key of a bucket: requests with the same key are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RateKey {
    quota: &'static str,
    subject: [u8; 16],
}

impl RateKey {
    /// Makes the key of a subject, such as an account and an address, for a quota. Only a hash of the parts is kept, so
    /// that a rate limiter stores no addresses.
    pub fn new(quota: &Quota, parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // The length prefix makes different lists of parts different bytes.
            hash.update(part.len().to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut subject = [0; 16];
        subject.copy_from_slice(&hash.finalize()[..16]);
        Self { quota: quota.name, subject }
    }

    /// Returns the quota's name.
    pub const fn quota(&self) -> &'static str {
        self.quota
    }

    /// Returns the hash of the subject.
    pub const fn subject(&self) -> &[u8; 16] {
        &self.subject
    }
}

/// The decision about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// True if the request is admitted.
    pub is_admitted: bool,
    /// The number of further requests that would be admitted now.
    pub remaining: u32,
    /// The time until the bucket is full again.
    pub full_after: TimeDelta,
    /// The time until the next request would be admitted; zero if it would be now.
    pub retry_after: TimeDelta,
}

impl Quota {
    /// Returns the time in which the bucket refills by one request, in microseconds, rounded up so that rounding never
    /// admits more.
    pub fn interval_us(&self) -> i64 {
        let period_us = 1_000_000 * u64::from(self.period_seconds.get());
        i64::try_from(period_us.div_ceil(u64::from(self.requests.get()))).unwrap_or(i64::MAX)
    }

    /// Returns the time in which an empty bucket fills, in microseconds.
    pub fn fill_time_us(&self) -> i64 {
        self.interval_us().saturating_mul(self.burst.get().into())
    }

    /// Decides about one request, and returns when the bucket will be full after it. `full_at` is when it would be full
    /// without the request. A refused request takes nothing from the bucket.
    pub fn admit(&self, full_at: Option<Timestamp>, now: Timestamp) -> (Admission, Timestamp) {
        let (interval_us, capacity_us) = (self.interval_us(), self.fill_time_us());
        let us = |time: TimeDelta| time.num_microseconds().unwrap_or(i64::MAX);
        // When the clock was set back, the wait is at most that of an empty bucket.
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
    /// - MUST decide as [`Quota::admit`] does, for every bucket separately.
    /// - MUST count concurrent requests one after the other.
    /// - MUST return promptly; an adapter with a remote counter documents how it decides during an outage.
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
        let mut request = |ms| {
            let (admission, then) = quota.admit(full_at, at(ms));
            full_at = Some(then);
            (admission.is_admitted, admission.remaining, admission.retry_after.num_milliseconds())
        };
        assert_eq!(request(0), (true, 2, 0));
        assert_eq!(request(0), (true, 1, 0));
        assert_eq!(request(0), (true, 0, 12_000));
        assert_eq!(request(0), (false, 0, 12_000));
        assert_eq!(request(11_999), (false, 0, 1));
        assert_eq!(request(12_000), (true, 0, 12_000), "a request after the announced wait is admitted");
        assert_eq!(request(100_000), (true, 2, 0));
    }

    #[test]
    fn a_period_admits_at_most_the_quota_and_the_burst() {
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
    fn after_the_clock_was_set_back_the_wait_is_at_most_that_of_an_empty_bucket() {
        let quota = quota(5, 5);
        let in_an_hour = Some(at(3_600_000));
        let (admission, _) = quota.admit(in_an_hour, at(0));
        assert_eq!((admission.is_admitted, admission.retry_after.num_seconds()), (false, 12));
    }

    #[test]
    fn different_parts_have_different_buckets() {
        let quota = quota(5, 5);
        let keys = [&["ab", "c"][..], &["a", "bc"], &["abc"], &["abc", ""]].map(|parts| RateKey::new(&quota, parts));
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[index + 1..].contains(key));
        }
    }
}
