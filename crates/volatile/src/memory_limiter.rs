//! Counting in the memory of one process.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use incident_domain::kernel::{Admission, Clock, Quota, RateKey, RateLimiter, Timestamp};

/// How many buckets are remembered at most: some 15 MB of them.
pub const BUCKETS_MAX: usize = 100_000;

/// How many buckets that are full by now are forgotten with each request: more than a request can add, so
/// that memory follows what is going on.
const FORGOTTEN_PER_REQUEST: usize = 2;

/// Counts for this process alone. A server that runs in several replicas admits as many times what a quota
/// says.
///
/// A full bucket needs no memory, since that is what an unknown one is taken to be. Where more than
/// [`BUCKETS_MAX`] are not full, those that soonest would be are taken to be so already: who sprays requests
/// over made-up accounts loses their own traces of one request each, and not the empty bucket of the account
/// they are after.
pub struct MemoryLimiter {
    clock: Arc<dyn Clock>,
    buckets_max: usize,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    /// Which place each bucket has in the order.
    places: HashMap<RateKey, Place>,
    /// The buckets in the order in which they will be full.
    order: BTreeMap<Place, RateKey>,
    /// How many places were given away, which tells those of the same moment apart.
    places_given: u64,
}

/// When a bucket will be full, and a number that no other place has.
type Place = (Timestamp, u64);

impl MemoryLimiter {
    /// Counts by this clock, in at most [`BUCKETS_MAX`] buckets.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_buckets_max(clock, BUCKETS_MAX)
    }

    /// Counts by this clock, in at most so many buckets.
    pub fn with_buckets_max(clock: Arc<dyn Clock>, buckets_max: usize) -> Self {
        Self { clock, buckets_max, buckets: Mutex::default() }
    }

    /// Decides as of this moment.
    pub(crate) fn admit_at(&self, key: &RateKey, quota: &Quota, now: Timestamp) -> Admission {
        // No code that can panic runs between two changes that belong together.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = buckets.places.get(key).map(|(full_at, _)| *full_at);
        let (admission, full_at) = quota.admit(full_at, now);
        buckets.remember(*key, full_at);
        buckets.forget_full(now);
        buckets.forget_beyond(self.buckets_max);
        admission
    }
}

/// Each of these takes a time that grows with the logarithm of the number of buckets.
impl Buckets {
    fn remember(&mut self, key: RateKey, full_at: Timestamp) {
        let place = (full_at, self.places_given);
        self.places_given += 1;
        if let Some(former) = self.places.insert(key, place) {
            self.order.remove(&former);
        }
        self.order.insert(place, key);
    }

    fn forget_full(&mut self, now: Timestamp) {
        for _ in 0..FORGOTTEN_PER_REQUEST {
            match self.order.first_key_value() {
                Some(((full_at, _), _)) if *full_at <= now => self.forget_first(),
                _ => return,
            }
        }
    }

    fn forget_beyond(&mut self, buckets_max: usize) {
        while self.order.len() > buckets_max {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((_, key)) = self.order.pop_first() {
            self.places.remove(&key);
        }
    }
}

#[async_trait]
impl RateLimiter for MemoryLimiter {
    async fn admit(&self, key: &RateKey, quota: &Quota) -> Admission {
        self.admit_at(key, quota, self.clock.now())
    }
}

impl fmt::Debug for MemoryLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLimiter").field("buckets_max", &self.buckets_max).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        limiter_promises::{TimedLimiter, promises, quota},
        manual_clock::{ManualClock, start},
    };

    fn limiter(buckets_max: usize) -> MemoryLimiter {
        MemoryLimiter::with_buckets_max(Arc::new(ManualClock::default()), buckets_max)
    }

    #[async_trait]
    impl TimedLimiter for MemoryLimiter {
        async fn admit_at(&self, key: &RateKey, quota: &Quota, now: Timestamp) -> Admission {
            Self::admit_at(self, key, quota, now)
        }
    }

    promises!(async { limiter(BUCKETS_MAX) });

    fn size(limiter: &MemoryLimiter) -> usize {
        let buckets = limiter.buckets.lock().unwrap();
        assert_eq!(buckets.places.len(), buckets.order.len());
        buckets.order.len()
    }

    fn key(quota: &Quota, number: usize) -> RateKey {
        RateKey::new(quota, &[&number.to_string()])
    }

    #[tokio::test]
    async fn time_comes_from_the_clock() {
        let clock = Arc::new(ManualClock::default());
        let limiter = MemoryLimiter::new(clock.clone());
        let quota = quota(1, 1);
        let key = key(&quota, 0);
        assert!(limiter.admit(&key, &quota).await.is_admitted);
        let refused = limiter.admit(&key, &quota).await;
        assert!(!refused.is_admitted);
        clock.set(start() + refused.retry_after - TimeDelta::microseconds(1));
        assert!(!limiter.admit(&key, &quota).await.is_admitted);
        clock.set(start() + refused.retry_after);
        assert!(limiter.admit(&key, &quota).await.is_admitted);
    }

    #[test]
    fn full_buckets_are_forgotten_though_nobody_asks_for_them_again() {
        let (limiter, quota) = (limiter(BUCKETS_MAX), quota(60, 2));
        for number in 0..1_000 {
            limiter.admit_at(&key(&quota, number), &quota, start());
        }
        assert_eq!(size(&limiter), 1_000);
        let later = start() + TimeDelta::hours(1);
        for _ in 0..500 {
            limiter.admit_at(&key(&quota, 1_000), &quota, later);
        }
        assert_eq!(size(&limiter), 1, "only what is asked for is left");
    }

    #[test]
    fn however_many_keys_are_sprayed_an_empty_bucket_is_remembered() {
        const MAX: usize = 100;
        let (limiter, quota) = (limiter(MAX), quota(5, 5));
        let attacked = key(&quota, 1_000_000);
        for _ in 0..5 {
            assert!(limiter.admit_at(&attacked, &quota, start()).is_admitted);
        }
        for number in 0..10_000 {
            assert!(limiter.admit_at(&key(&quota, number), &quota, start()).is_admitted);
            assert!(size(&limiter) <= MAX);
        }
        assert!(!limiter.admit_at(&attacked, &quota, start()).is_admitted);
    }

    #[test]
    fn a_limiter_shows_no_keys() {
        assert_eq!(format!("{:?}", limiter(7)), "MemoryLimiter { buckets_max: 7, .. }");
    }
}
