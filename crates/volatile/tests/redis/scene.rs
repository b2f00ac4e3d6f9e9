//! What the tests are made of.

use std::{
    env, io,
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::TimeDelta;
use incident_domain::kernel::{Clock, Quota, RateKey, Timestamp};
use incident_volatile::{RedisCache, RedisLimiter};
use tracing::subscriber::DefaultGuard;

pub(crate) fn redis_url() -> String {
    env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL is set")
}

pub(crate) fn limiter(url: &str) -> (RedisLimiter, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (RedisLimiter::try_new(url, clock.clone()).expect("a url"), clock)
}

/// One that waits for the Redis of the tests as long as it takes: a busy machine is no failure.
pub(crate) fn patient_limiter(url: &str) -> (RedisLimiter, Arc<ManualClock>) {
    let (limiter, clock) = limiter(url);
    (limiter.with_timeout(Duration::from_mins(1)), clock)
}

pub(crate) fn cache(url: &str) -> (RedisCache, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    (RedisCache::try_new(url, clock.clone()).expect("a url"), clock)
}

/// One that waits for the Redis of the tests as long as it takes: a busy machine is no failure.
pub(crate) fn patient_cache(url: &str) -> (RedisCache, Arc<ManualClock>) {
    let (cache, clock) = cache(url);
    (cache.with_timeout(Duration::from_mins(1)), clock)
}

pub(crate) fn quota(requests: u32, period_seconds: u32, burst: u32) -> Quota {
    let some = |number| NonZeroU32::new(number).expect("not zero");
    Quota { name: "redis-tests", requests: some(requests), period_seconds: some(period_seconds), burst: some(burst) }
}

/// A key that no other test has, nor any earlier run of it.
pub(crate) fn new_key(quota: &Quota) -> RateKey {
    RateKey::new(quota, &[&getrandom::u64().expect("a random number").to_string()])
}

/// A clock that stands still until it is moved. Redis goes by its own.
pub(crate) struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().expect("no test panicked meanwhile") += by;
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self(Mutex::new(Timestamp::from_timestamp_secs(1_780_000_000).expect("a time")))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no test panicked meanwhile")
    }
}

/// What is logged on this thread as long as the guard lives.
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
        String::from_utf8(self.0.lock().expect("no test panicked meanwhile").clone()).expect("text")
    }

    pub(crate) fn lines_with(&self, text: &str) -> usize {
        self.text().lines().filter(|line| line.contains(text)).count()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no test panicked meanwhile").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
