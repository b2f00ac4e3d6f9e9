//! The limiter that counts in Redis and the cache that remembers there: together with others, and while Redis is away.

#![expect(clippy::expect_used, reason = "a test whose scene cannot be set has failed")]

mod away;
mod cache;
mod proxy;
mod scene;
mod together;
