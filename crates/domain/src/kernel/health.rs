//! The health of the store.

use async_trait::async_trait;
use thiserror::Error;

use super::StoreError;

/// Checks whether a store can be used.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait HealthCheck: Send + Sync {
    /// Checks the store.
    ///
    /// - MUST return promptly, even when the store does not respond.
    /// - MUST return [`HealthError::Schema`] when the store's schema is not the one this program needs.
    async fn check(&self) -> Result<(), HealthError>;
}

/// The reason why a store cannot be used.
#[derive(Debug, Error)]
pub enum HealthError {
    /// The store does not respond.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The file of the store was replaced while it was open.
    #[error("the database file was replaced while the server had it open: start the server again")]
    FileReplaced,
    /// The store takes no writes.
    #[error("the database takes no writes: is its disk full?")]
    NotWritable,
    /// The schema is of another release.
    #[error("{advice}")]
    Schema {
        /// The mismatch and the command that repairs it.
        advice: String,
    },
    /// This process seals timelines with another key than the store's.
    #[error("{advice}")]
    TimelineKey {
        /// What is wrong with the key, and what to do.
        advice: String,
    },
}
