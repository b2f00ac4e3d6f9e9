//! Whether the store can serve.

use async_trait::async_trait;
use thiserror::Error;

use super::StoreError;

/// Tells whether a store can serve.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait HealthCheck: Send + Sync {
    /// Asks the store.
    ///
    /// - MUST answer soon, also when the store does not.
    /// - MUST answer [`HealthError::Schema`] when the store's schema is not the one this program needs.
    async fn check(&self) -> Result<(), HealthError>;
}

/// Why a store cannot serve.
#[derive(Debug, Error)]
pub enum HealthError {
    /// It does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// It answers, but its schema is of another release.
    #[error("{advice}")]
    Schema {
        /// What is wrong, and the command that mends it.
        advice: String,
    },
}
