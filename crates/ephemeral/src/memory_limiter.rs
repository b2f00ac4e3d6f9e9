//! Rate limiting in the memory of one process.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use incident_domain::kernel::{Admission, Clock, Quota, RateKey, RateLimiter, Timestamp};

/// The maximum number of buckets, which take about 15 MB.
pub const BUCKETS_MAX: usize = 100_000;

/// How many full buckets each request removes. A request adds at most one, so memory follows the current load.
const REMOVED_PER_REQUEST: usize = 2;

/// Counts requests of this process. A server with n replicas admits up to n times a quota.
///
/// A full bucket is not stored, because an unknown bucket is full. If more than [`BUCKETS_MAX`] are not full, those that
/// are full soonest are removed. An attacker who sprays requests over invented accounts thus removes their own buckets,
/// and not the empty bucket of the account under attack.
pub struct MemoryLimiter {
    clock: Arc<dyn Clock>,
    buckets_max: usize,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    /// When each bucket is full.
    full_at: HashMap<RateKey, Timestamp>,
    /// The same, in the order of time.
    by_time: BTreeSet<(Timestamp, RateKey)>,
}

impl MemoryLimiter {
    /// Creates a limiter with at most [`BUCKETS_MAX`] buckets.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_buckets_max(clock, BUCKETS_MAX)
    }

    /// Creates a limiter with at most this number of buckets.
    pub fn with_buckets_max(clock: Arc<dyn Clock>, buckets_max: usize) -> Self {
        Self { clock, buckets_max, buckets: Mutex::default() }
    }
}

/// Each operation takes a time logarithmic in the number of buckets.
impl Buckets {
    fn set(&mut self, key: RateKey, full_at: Timestamp) {
        if let Some(former) = self.full_at.insert(key, full_at) {
            self.by_time.remove(&(former, key));
        }
        self.by_time.insert((full_at, key));
    }

    fn remove_full(&mut self, now: Timestamp) {
        for _ in 0..REMOVED_PER_REQUEST {
            if self.by_time.first().is_some_and(|(full_at, _)| *full_at <= now) {
                self.remove_first();
            }
        }
    }

    fn remove_beyond(&mut self, buckets_max: usize) {
        while self.by_time.len() > buckets_max {
            self.remove_first();
        }
    }

    fn remove_first(&mut self) {
        if let Some((_, key)) = self.by_time.pop_first() {
            self.full_at.remove(&key);
        }
    }
}

#[async_trait]
impl RateLimiter for MemoryLimiter {
    async fn admit(&self, key: &RateKey, quota: &Quota) -> Admission {
        let now = self.clock.now();
        // No code that can panic runs while the two collections differ.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let (admission, full_at) = quota.admit(buckets.full_at.get(key).copied(), now);
        buckets.set(*key, full_at);
        buckets.remove_full(now);
        buckets.remove_beyond(self.buckets_max);
        admission
    }
}

impl fmt::Debug for MemoryLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.buckets.lock().unwrap_or_else(PoisonError::into_inner).by_time.len();
        let mut debug = f.debug_struct("MemoryLimiter");
        debug.field("buckets", &count).field("buckets_max", &self.buckets_max).finish_non_exhaustive()
    }
}
