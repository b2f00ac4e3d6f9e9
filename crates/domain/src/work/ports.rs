//! Ports that read tasks, categories and saved views.

use async_trait::async_trait;

use super::{Category, CategoryName, SavedView, Task};
use crate::{
    incidents::IncidentId,
    kernel::{Listing, Repository, StoreError, UserId},
};

/// Reads tasks.
#[async_trait]
pub trait TaskRepository: Repository<Task> + Listing<Task> {
    /// Returns the last `limit_each` tasks of each of these incidents, in one round trip.
    ///
    /// - MUST order the tasks of one incident by id, the oldest first.
    async fn of_incidents(&self, incidents: &[IncidentId], limit_each: u32) -> Result<Vec<Task>, StoreError>;
}

/// Reads categories.
#[async_trait]
pub trait CategoryRepository: Repository<Category> + Listing<Category> {
    /// Returns the category with this name.
    ///
    /// - MUST compare names without case, as [`CategoryName::key`] does.
    async fn find_by_name(&self, name: &CategoryName) -> Result<Option<Category>, StoreError>;
}

/// Reads saved views.
#[async_trait]
pub trait SavedViewRepository: Repository<SavedView> {
    /// Returns all views of a user, the oldest first.
    async fn of_user(&self, user: UserId) -> Result<Vec<SavedView>, StoreError>;
}
