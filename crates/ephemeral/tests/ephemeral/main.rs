//! The contract of rate limiters and caches, on each adapter, and what the adapters in Redis do beyond it: sharing between
//! replicas, and outages.

#![expect(clippy::expect_used, reason = "a test without its prerequisites fails")]

mod cache;
mod cache_contract;
mod limiter_contract;
mod memory;
mod outage;
mod redis;
mod replicas;
mod scene;
