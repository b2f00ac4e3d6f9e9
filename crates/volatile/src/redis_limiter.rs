//! Counting in Redis, for several replicas together.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use incident_domain::kernel::{Admission, Clock, Quota, RateKey, RateLimiter};

use crate::{
    MemoryLimiter,
    bucket_script::BucketScript,
    redis_line::{Consequences, RedisLine, RedisUrlError},
};

const CONSEQUENCES: Consequences =
    Consequences { away: "this replica counts requests by itself", back: "requests are counted there" };

/// Counts in Redis (5 or later), so that all replicas that use the same one count together.
///
/// Each request is one script in Redis, which reads the bucket, decides and writes it back, all by the
/// clock of Redis.
///
/// **While Redis is away**, each replica counts by itself, in its own memory and by the same quotas. A Redis
/// that does not answer within [`REDIS_TIMEOUT`](crate::REDIS_TIMEOUT) is away; for
/// [`REDIS_PAUSE`](crate::REDIS_PAUSE) after that no request asks it,
/// and then one does. So a request waits for a Redis that is away at most once in a pause, apart from those
/// that were waiting already when it went. What this gives up: with n replicas, up to n times the quota is
/// admitted meanwhile, and at each change buckets start where the other counter left them, up to a burst
/// more. What it keeps: nobody is locked out because Redis is, and nobody can guess passwords without limit.
///
/// The connection is opened by the first request that needs it. Nothing here shows the URL, in which there
/// may be a password.
pub struct RedisLimiter {
    line: RedisLine,
    script: BucketScript,
    memory: MemoryLimiter,
}

impl RedisLimiter {
    /// Counts in the Redis of this URL. The clock is for counting while that is away.
    pub fn try_new(url: &str, clock: Arc<dyn Clock>) -> Result<Self, RedisUrlError> {
        let memory = MemoryLimiter::new(Arc::clone(&clock));
        Ok(Self { line: RedisLine::try_new(url, clock, CONSEQUENCES)?, script: BucketScript::new(), memory })
    }

    /// Lets a request wait for Redis so long at most.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.line = self.line.with_patience(timeout);
        self
    }
}

#[async_trait]
impl RateLimiter for RedisLimiter {
    async fn admit(&self, key: &RateKey, quota: &Quota) -> Admission {
        if BucketScript::is_exact_for(quota) {
            let decide = |mut connection| async move { self.script.run(&mut connection, key, quota).await };
            if let Some(admission) = self.line.ask(decide).await {
                return admission;
            }
        }
        self.memory.admit(key, quota).await
    }
}

impl fmt::Debug for RedisLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLimiter").finish_non_exhaustive()
    }
}
