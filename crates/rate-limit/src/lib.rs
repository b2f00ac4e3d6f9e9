//! # Counters of requests
//!
//! The adapters behind the domain's port [`RateLimiter`](incident_domain::ports::RateLimiter):
//! [`MemoryLimiter`] for a server that runs once, and [`RedisLimiter`] for one that runs in several replicas
//! that count together. Both decide as [`Quota::admit`](incident_domain::Quota::admit) does.
//!
//! The crate exists so that counting is one decision, in one place, wherever the counters are. It must never
//! know what is counted, nor who asks: keys come hashed, and quotas from whoever calls.
//!
//! ## To add a counter elsewhere
//!
//! 1. Implement [`RateLimiter`](incident_domain::ports::RateLimiter), with the decision and the counter's
//!    change as one step of the counter, so that requests of the same moment are counted one by one.
//! 2. Say in its documentation how it decides while the counter is away.
//! 3. Run it through the promises in `src/promises.rs`.

mod bucket_script;
mod memory;
#[cfg(test)]
mod promises;
mod redis_limiter;
mod redis_line;

pub use memory::{BUCKETS_MAX, MemoryLimiter};
pub use redis_limiter::{REDIS_PAUSE, REDIS_TIMEOUT, RedisLimiter, RedisUrlError};
