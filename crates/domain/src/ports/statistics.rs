//! Reading what the numbers about incidents are made of.

use async_trait::async_trait;

use super::StoreError;
use crate::{IncidentFilter, IncidentId, IncidentTimes, StatusStep, Timestamp};

/// Reads what the numbers about incidents are made of.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait StatisticsRepository: Send + Sync {
    /// What the numbers need to know of the incidents that a filter matches, those after a place only if it is given,
    /// and at most `limit` of them.
    ///
    /// - MUST be of exactly the incidents for which [`IncidentFilter::matches`] is true; `text` is not asked for.
    /// - MUST order them by the time they were opened, then by id, the smallest first.
    async fn times(
        &self,
        filter: &IncidentFilter,
        after: Option<(Timestamp, IncidentId)>,
        limit: u32,
    ) -> Result<Vec<IncidentTimes>, StoreError>;

    /// The steps of the state machine that the timelines of these incidents tell; at most 500 incidents at a time.
    ///
    /// - MUST order the steps of one incident as its timeline does, the oldest first.
    async fn status_steps(&self, incidents: &[IncidentId]) -> Result<Vec<StatusStep>, StoreError>;
}
