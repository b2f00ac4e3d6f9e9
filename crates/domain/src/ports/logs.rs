//! Reading the event log and the audit.

use async_trait::async_trait;

use super::StoreError;
use crate::{Action, LoggedEvent};

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
    /// The newest actions, at most `limit` of them, the newest first by id.
    ///
    /// - MUST answer every field exactly as it was committed.
    async fn newest(&self, limit: u32) -> Result<Vec<Action>, StoreError>;
}
