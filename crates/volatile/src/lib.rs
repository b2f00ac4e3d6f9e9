//! # What may be forgotten
//!
//! The adapters behind two of the domain's ports, each in the memory of one process and in Redis for several replicas:
//!
//! | port | in memory | in Redis |
//! |---|---|---|
//! | [`RateLimiter`](incident_domain::kernel::RateLimiter) | [`MemoryLimiter`] | [`RedisLimiter`], counts together |
//! | [`Cache`](incident_domain::kernel::Cache) | [`MemoryCache`] | [`RedisCache`], remembers together |
//!
//! The crate exists so that counting and remembering are one decision each, in one place, wherever the counters and
//! the memory are. It must never know what is counted or remembered, nor who asks: keys come hashed, and quotas and
//! values from whoever calls. Nothing here is the only place where anything is: Redis may lose all of it, or be away.
//!
//! ## To add an adapter elsewhere
//!
//! 1. Implement the port. A limiter makes the decision and the counter's change one step of the counter, so that
//!    requests of the same moment are counted one by one.
//! 2. Say in its documentation what it does while what it uses is away.
//! 3. Run it through the promises in `src/limiter_promises.rs` or `src/cache_promises.rs`.

mod bucket_script;
#[cfg(test)]
mod cache_promises;
#[cfg(test)]
mod limiter_promises;
#[cfg(test)]
mod manual_clock;
mod memory_cache;
mod memory_limiter;
mod redis_cache;
mod redis_limiter;
mod redis_line;

pub use memory_cache::{CACHED_BYTES_MAX, MemoryCache};
pub use memory_limiter::{BUCKETS_MAX, MemoryLimiter};
pub use redis_cache::RedisCache;
pub use redis_limiter::RedisLimiter;
pub use redis_line::{REDIS_PAUSE, REDIS_TIMEOUT, RedisUrlError};
