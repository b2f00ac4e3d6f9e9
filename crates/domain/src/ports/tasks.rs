//! Reading tasks and categories.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    Category, CategoryId, CategoryName, IncidentId, ListCursor, Page, PageRequest, Task, TaskFilter, TaskId, TaskSort,
};

/// Reads tasks.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait TaskRepository: Send + Sync {
    /// The task with this id.
    ///
    /// - MUST answer every field exactly as it was committed.
    async fn find(&self, id: TaskId) -> Result<Option<Task>, StoreError>;

    /// A page of the tasks that a filter matches.
    ///
    /// - MUST contain exactly the tasks for which [`TaskFilter::matches`] is true.
    /// - MUST order, count and go on as [`IncidentRepository::list`](super::IncidentRepository::list) does.
    async fn list(
        &self,
        filter: &TaskFilter,
        sort: TaskSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Task>, StoreError>;

    /// The last `limit_each` tasks of each of these incidents, in one round trip however many they are.
    ///
    /// - MUST order the tasks of one incident by id, the oldest first.
    async fn of_incidents(&self, incidents: &[IncidentId], limit_each: u32) -> Result<Vec<Task>, StoreError>;
}

/// Reads categories.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CategoryRepository: Send + Sync {
    /// The categories with these ids, in any order; at most 500 at a time.
    ///
    /// - MUST answer every field exactly as it was committed.
    async fn find_many(&self, ids: &[CategoryId]) -> Result<Vec<Category>, StoreError>;

    /// The category with this name.
    ///
    /// - MUST compare names without case, as [`CategoryName::key`] does.
    async fn find_by_name(&self, name: &CategoryName) -> Result<Option<Category>, StoreError>;

    /// A page of all categories.
    ///
    /// - MUST order them by [`CategoryName::key`], code point by code point; a cursor's position is a text.
    /// - MUST count and go on as [`IncidentRepository::list`](super::IncidentRepository::list) does.
    async fn list(&self, page: PageRequest<ListCursor>) -> Result<Page<Category>, StoreError>;
}
