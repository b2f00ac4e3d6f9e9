//! Counting in Redis, for several replicas together.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    Admission, Quota, RateKey,
    ports::{Clock, RateLimiter},
};
use redis::{Client, RedisResult};
use thiserror::Error;
use tokio::time::timeout;

use crate::{
    MemoryLimiter,
    bucket_script::BucketScript,
    redis_line::{News, RedisLine},
};

/// How long a request waits for Redis at most, opening the connection included, where nothing else is said.
pub const REDIS_TIMEOUT: Duration = Duration::from_millis(100);

/// How long Redis is left alone after it did not answer.
pub const REDIS_PAUSE: TimeDelta = TimeDelta::seconds(1);

/// Counts in Redis (5 or later), so that all replicas that use the same one count together.
///
/// Each request is one script in Redis, which reads the bucket, decides and writes it back, all by the
/// clock of Redis.
///
/// **While Redis is away**, each replica counts by itself, in its own memory and by the same quotas. A Redis
/// that does not answer within [`REDIS_TIMEOUT`] is away; for [`REDIS_PAUSE`] after that no request asks it,
/// and then one does. So a request waits for a Redis that is away at most once in a pause, apart from those
/// that were waiting already when it went. What this gives up: with n replicas, up to n times the quota is
/// admitted meanwhile, and at each change buckets start where the other counter left them, up to a burst
/// more. What it keeps: nobody is locked out because Redis is, and nobody can guess passwords without limit.
///
/// The connection is opened by the first request that needs it. Nothing here shows the URL, in which there
/// may be a password.
pub struct RedisLimiter {
    clock: Arc<dyn Clock>,
    line: RedisLine,
    script: BucketScript,
    memory: MemoryLimiter,
    timeout: Duration,
}

/// Something else than the URL of a Redis. It does not show the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be the URL of a Redis: redis://[user:password@]host[:port][/database]")]
pub struct RedisUrlError;

/// Why Redis gave no answer, for the log.
#[derive(Debug, Error)]
enum Unanswered {
    #[error(transparent)]
    Failed(#[from] redis::RedisError),
    #[error("it takes too long")]
    TooLate(#[from] tokio::time::error::Elapsed),
}

impl RedisLimiter {
    /// Counts in the Redis of this URL. The clock is for counting while that is away.
    pub fn try_new(url: &str, clock: Arc<dyn Clock>) -> Result<Self, RedisUrlError> {
        let client = Client::open(url).map_err(|_may_show_the_url| RedisUrlError)?;
        Ok(Self {
            memory: MemoryLimiter::new(Arc::clone(&clock)),
            clock,
            line: RedisLine::new(client, REDIS_PAUSE),
            script: BucketScript::new(),
            timeout: REDIS_TIMEOUT,
        })
    }

    /// Lets a request wait for Redis so long at most.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn ask_redis(&self, key: &RateKey, quota: &Quota) -> RedisResult<Admission> {
        let mut connection = self.line.connection().await?;
        self.script.run(&mut connection, key, quota).await
    }
}

#[async_trait]
impl RateLimiter for RedisLimiter {
    async fn admit(&self, key: &RateKey, quota: &Quota) -> Admission {
        if !BucketScript::is_exact_for(quota) || !self.line.is_worth_asking(self.clock.now()) {
            return self.memory.admit(key, quota).await;
        }
        let answer = timeout(self.timeout, self.ask_redis(key, quota)).await;
        match answer.map_err(Unanswered::from).and_then(|answer| answer.map_err(Unanswered::from)) {
            Ok(admission) => {
                if self.line.note_answer() == News::Changed {
                    tracing::info!("redis answers again, requests are counted there");
                }
                admission
            }
            Err(error) => {
                if self.line.note_failure(self.clock.now()) == News::Changed {
                    tracing::warn!(%error, "redis does not answer, this replica counts requests by itself");
                }
                self.memory.admit(key, quota).await
            }
        }
    }
}

impl fmt::Debug for RedisLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLimiter").finish_non_exhaustive()
    }
}
