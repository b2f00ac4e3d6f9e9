//! The limiter that counts in Redis: together with others, and while Redis is away.

#![expect(clippy::expect_used, reason = "a test whose scene cannot be set has failed")]

mod away;
mod proxy;
mod scene;
mod together;
