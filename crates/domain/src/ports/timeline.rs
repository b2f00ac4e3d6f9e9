//! Reading timelines.

use async_trait::async_trait;

use super::StoreError;
use crate::{IncidentId, TimelineEntry};

/// Reads timelines.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait TimelineRepository: Send + Sync {
    /// The entries of one incident with a sequence above `after`, at most `limit` of them.
    ///
    /// - MUST answer every field exactly as it was committed.
    /// - MUST order them by sequence, the smallest first.
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError>;

    /// The last `limit_each` entries of each of these incidents, in one round trip however many they are.
    ///
    /// - MUST answer the same entries as reading each incident's timeline alone.
    /// - MUST order the entries of one incident by sequence, the smallest first.
    async fn latest_entries(&self, incidents: &[IncidentId], limit_each: u32)
    -> Result<Vec<TimelineEntry>, StoreError>;
}
