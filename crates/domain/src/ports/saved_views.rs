//! Reading saved views.

use async_trait::async_trait;

use super::StoreError;
use crate::{SavedView, SavedViewId, UserId};

/// Reads saved views.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SavedViewRepository: Send + Sync {
    /// The view with this id.
    ///
    /// - MUST answer every field exactly as it was committed.
    async fn find(&self, id: SavedViewId) -> Result<Option<SavedView>, StoreError>;

    /// All views of a user, the oldest first.
    async fn of_user(&self, user: UserId) -> Result<Vec<SavedView>, StoreError>;
}
