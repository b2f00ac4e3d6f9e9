//! Limiting how often something is done.

use async_trait::async_trait;

use crate::{Admission, Quota, RateKey};

/// Counts requests against quotas.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Takes one request from a bucket, if it has one left.
    ///
    /// - MUST decide as [`Quota::admit`] does, for every bucket by itself.
    /// - MUST count requests that come at the same time one after the other.
    /// - MUST answer soon and always: an adapter whose counter is elsewhere says in its documentation how it
    ///   decides while that is away.
    async fn admit(&self, key: &RateKey, quota: &Quota) -> Admission;
}
