//! Tasks and categories, read back.

use std::collections::BTreeSet;

use async_trait::async_trait;
use incident_domain::{
    Category, CategoryId, CategoryName, IncidentId, ListCursor, Page, PageRequest, SortPosition, Task, TaskFilter,
    TaskId, TaskSort,
    ports::{CategoryRepository, StoreError, TaskRepository},
};

use super::page::{page_of, sorted};
use crate::{MemoryStore, state::to_usize};

#[async_trait]
impl TaskRepository for MemoryStore {
    async fn find(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        Ok(self.state().tasks.get(&id).cloned())
    }

    async fn list(
        &self,
        filter: &TaskFilter,
        sort: TaskSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Task>, StoreError> {
        let state = self.state();
        let listed = state.tasks.values().filter(|task| filter.matches(task));
        Ok(sorted(listed, sort, |task| task.id.as_uuid(), page))
    }

    async fn of_incidents(&self, incidents: &[IncidentId], limit_each: u32) -> Result<Vec<Task>, StoreError> {
        let state = self.state();
        let mut latest = Vec::new();
        for incident in incidents.iter().collect::<BTreeSet<_>>() {
            let newest_first = state.tasks.values().rev().filter(|task| task.incident_id == Some(*incident));
            let mut wanted: Vec<_> = newest_first.take(to_usize(limit_each)).cloned().collect();
            wanted.reverse();
            latest.append(&mut wanted);
        }
        Ok(latest)
    }
}

#[async_trait]
impl CategoryRepository for MemoryStore {
    async fn find_many(&self, ids: &[CategoryId]) -> Result<Vec<Category>, StoreError> {
        let state = self.state();
        let ids: BTreeSet<_> = ids.iter().collect();
        Ok(ids.into_iter().filter_map(|id| state.categories.get(id)).cloned().collect())
    }

    async fn find_by_name(&self, name: &CategoryName) -> Result<Option<Category>, StoreError> {
        let state = self.state();
        let id = state.categories_by_name.get(name.key());
        Ok(id.and_then(|id| state.categories.get(id)).cloned())
    }

    async fn list(&self, page: PageRequest<ListCursor>) -> Result<Page<Category>, StoreError> {
        let state = self.state();
        // The index is ordered by the names' keys, byte by byte, which in UTF-8 is code point by code point.
        let by_name = state.categories_by_name.values().filter_map(|id| state.categories.get(id)).cloned();
        let place_of = |category: &Category| ListCursor {
            position: SortPosition::Text(category.name.key().to_owned()),
            id: category.id.as_uuid(),
        };
        Ok(page_of(by_name, place_of, |cursor| cursor, page))
    }
}
