//! # Cache and rate limits
//!
//! The adapters of two ports of the domain, each in the memory of one process and in Redis for several replicas:
//!
//! | port | in memory | in Redis |
//! |---|---|---|
//! | [`RateLimiter`](incident_domain::kernel::RateLimiter) | [`MemoryLimiter`] | [`RedisLimiter`] |
//! | [`Cache`](incident_domain::kernel::Cache) | [`MemoryCache`] | [`RedisCache`] |
//!
//! The crate exists so that state that may be lost at any time is kept apart from the store. It must never know what is
//! counted or cached: callers pass hashed keys, quotas and values.
//!
//! ## To add an adapter
//!
//! 1. Implement the port. A limiter must decide and count in one atomic step.
//! 2. Document what it does while the service it uses is unavailable.
//! 3. Run the contract tests in `tests/ephemeral/limiter_contract.rs` or `tests/ephemeral/cache_contract.rs` on it.

mod memory_cache;
mod memory_limiter;
mod redis_cache;
mod redis_connection;
mod redis_limiter;

pub use memory_cache::{CACHED_BYTES_MAX, MemoryCache};
pub use memory_limiter::{BUCKETS_MAX, MemoryLimiter};
pub use redis_cache::RedisCache;
pub use redis_connection::{REDIS_PAUSE, REDIS_TIMEOUT, RedisUrlError};
pub use redis_limiter::RedisLimiter;
