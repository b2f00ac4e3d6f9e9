//! Counting what there is, for those who watch over the platform.

use async_trait::async_trait;
use chrono::TimeDelta;

use super::StoreError;
use crate::{Status, Timestamp};

/// Counts what there is.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait OverviewRepository: Send + Sync {
    /// How many incidents stand where.
    ///
    /// - MUST tell every status once, in the order of [`Status::ALL`], those of no incident too.
    /// - MUST see every commit that was answered before the call.
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError>;

    /// How many sessions of all users let them in at this moment.
    ///
    /// - MUST count exactly the sessions for which [`Session::is_live`](crate::Session::is_live) is true.
    async fn live_sessions(&self, now: Timestamp, idle_max: TimeDelta) -> Result<u64, StoreError>;
}
