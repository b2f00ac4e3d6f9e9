//! Reading the event log and the audit.

use async_trait::async_trait;

use super::StoreError;
use crate::{Action, ActionFilter, ActionId, Direction, LoggedEvent, Page, PageRequest};

/// Reads events in the order in which they became true.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait EventLog: Send + Sync {
    /// The events after a position, at most `limit` of them, in the order of positions.
    ///
    /// - MUST answer every field exactly as it was committed.
    /// - MUST never let an event appear at a position below one that was already answered.
    async fn after(&self, position: u64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError>;
}

/// Reads the audit.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ActionRepository: Send + Sync {
    /// A page of the actions that a filter lets pass, by id.
    ///
    /// - MUST answer every field exactly as it was committed.
    /// - MUST contain exactly the actions for which [`ActionFilter::matches`] is true.
    /// - MUST order, count and go on as [`IncidentRepository::list`](super::IncidentRepository::list) does.
    async fn list(
        &self,
        filter: &ActionFilter,
        direction: Direction,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, StoreError>;
}
