//! What the tests share.

use std::{
    env, io,
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::TimeDelta;
use incident_domain::kernel::{CacheKey, Clock, Quota, RateKey, Timestamp};
use incident_ephemeral::{RedisCache, RedisLimiter};
use redis::aio::MultiplexedConnection;
use tracing::subscriber::DefaultGuard;

/// So long that the real time of a test does not matter: a busy machine is no outage.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Returns the URL of the Redis of the tests.
pub(crate) fn redis_url() -> String {
    env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL names a Redis")
}

/// Returns a connection to the Redis of the tests, which bypasses the adapters.
pub(crate) async fn redis_connection() -> MultiplexedConnection {
    let client = redis::Client::open(redis_url()).expect("TEST_REDIS_URL is a URL");
    client.get_multiplexed_async_connection().await.expect("Redis responds")
}

pub(crate) fn limiter(url: &str) -> (RedisLimiter, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (RedisLimiter::try_new(url, clock.clone()).expect("a url"), clock)
}

/// Returns a limiter with a long timeout.
pub(crate) fn patient_limiter(url: &str) -> (RedisLimiter, Arc<ManualClock>) {
    let (limiter, clock) = limiter(url);
    (limiter.with_timeout(TIMEOUT), clock)
}

pub(crate) fn cache(url: &str) -> (RedisCache, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (RedisCache::try_new(url, clock.clone()).expect("a url"), clock)
}

/// Returns a cache with a long timeout.
pub(crate) fn patient_cache(url: &str) -> (RedisCache, Arc<ManualClock>) {
    let (cache, clock) = cache(url);
    (cache.with_timeout(TIMEOUT), clock)
}

pub(crate) fn quota(requests: u32, period_seconds: u32, burst: u32) -> Quota {
    let [requests, period_seconds, burst] =
        [requests, period_seconds, burst].map(|number| NonZeroU32::new(number).expect("not zero"));
    Quota { name: "tests", requests, period_seconds, burst }
}

/// Returns a text that is unique among all tests and runs, which share a Redis.
pub(crate) fn unique_name() -> String {
    fastrand::u128(..).to_string()
}

/// Returns a key that is unique among all tests and runs.
pub(crate) fn new_rate_key(quota: &Quota) -> RateKey {
    RateKey::new(quota, &[&unique_name()])
}

/// Returns a key that is unique among all tests and runs.
pub(crate) fn new_cache_key() -> CacheKey {
    CacheKey::new("tests", std::array::from_fn(|_| fastrand::u8(..)))
}

/// The time that a manual clock shows first.
pub(crate) fn start() -> Timestamp {
    Timestamp::from_timestamp_micros(1_780_000_000_123_456).expect("a time of this century")
}

/// A clock that stands still until it is moved. Redis uses its own clock.
pub(crate) struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    pub(crate) fn set(&self, now: Timestamp) {
        *self.0.lock().expect("not poisoned") = now;
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().expect("not poisoned") += by;
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self(Mutex::new(start()))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("not poisoned")
    }
}

/// The log of this thread while the guard exists.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn listen() -> (Self, DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("text")
    }

    pub(crate) fn lines_with(&self, text: &str) -> usize {
        self.text().lines().filter(|line| line.contains(text)).count()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
