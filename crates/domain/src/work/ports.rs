//! Ports that read tasks, categories and saved views.

use async_trait::async_trait;

use super::{Category, CategoryName, SavedView, Task, TaskFilter, TaskSort};
use crate::{
    incidents::IncidentId,
    kernel::{ListCursor, Page, PageRequest, Repository, StoreError, UserId},
};

/// Reads tasks.
#[async_trait]
pub trait TaskRepository: Repository<Task> {
    /// Returns a page of the tasks that a filter matches.
    ///
    /// - MUST contain exactly the tasks for which [`TaskFilter::matches`] is true.
    /// - MUST order, count and continue as [`IncidentRepository::list`](crate::incidents::IncidentRepository) does.
    async fn list(
        &self,
        filter: &TaskFilter,
        sort: TaskSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Task>, StoreError>;

    /// Returns the last `limit_each` tasks of each of these incidents, in one round trip.
    ///
    /// - MUST order the tasks of one incident by id, the oldest first.
    async fn of_incidents(&self, incidents: &[IncidentId], limit_each: u32) -> Result<Vec<Task>, StoreError>;
}

/// Reads categories.
#[async_trait]
pub trait CategoryRepository: Repository<Category> {
    /// Returns the category with this name.
    ///
    /// - MUST compare names without case, as [`CategoryName::key`] does.
    async fn find_by_name(&self, name: &CategoryName) -> Result<Option<Category>, StoreError>;

    /// Returns a page of all categories.
    ///
    /// - MUST order them by [`CategoryName::key`], by code points; the position of a cursor is a text.
    /// - MUST count and continue as [`IncidentRepository::list`](crate::incidents::IncidentRepository) does.
    async fn list(&self, page: PageRequest<ListCursor>) -> Result<Page<Category>, StoreError>;
}

/// Reads saved views.
#[async_trait]
pub trait SavedViewRepository: Repository<SavedView> {
    /// Returns all views of a user, the oldest first.
    async fn of_user(&self, user: UserId) -> Result<Vec<SavedView>, StoreError>;
}
