//! Reading tasks.

use incident_domain::{
    CategoryId, CategoryName, ListCursor, Page, PageRequest, Role, Task, TaskFilter, TaskId, TaskSort,
    ports::StoreError,
};

use super::{TaskError, Tasks};
use crate::{
    Caller, IncidentRef, NamedTask,
    categories::{category_of, with_names},
};

/// Which tasks are wanted, in the words of those who ask: incident and category as they call them.
#[derive(Clone, Debug, Default)]
pub struct TaskSelection {
    /// Every condition but these two.
    pub filter: TaskFilter,
    /// For this incident.
    pub incident: Option<IncidentRef>,
    /// Of the category with this name.
    pub category: Option<CategoryName>,
}

impl Tasks {
    /// One task.
    pub async fn get(&self, caller: &Caller, id: TaskId) -> Result<NamedTask, TaskError> {
        caller.require(Role::Viewer)?;
        let task = self.find(id).await?;
        Ok(self.named(task).await?)
    }

    /// A page of tasks. An incident that does not exist is an error; a category that does not exist has no tasks.
    pub async fn list(
        &self,
        caller: &Caller,
        selection: &TaskSelection,
        sort: TaskSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<NamedTask>, TaskError> {
        caller.require(Role::Viewer)?;
        let mut filter = selection.filter.clone();
        if let Some(incident) = selection.incident {
            filter.incident_id =
                Some(incident.find(&*self.ports.incidents).await?.ok_or(TaskError::UnknownIncident)?.id);
        }
        if let Some(name) = &selection.category {
            let category = self.ports.categories.find_by_name(name).await?;
            // The nil UUID is nobody's id.
            filter.category_id = Some(category.map_or(CategoryId::new(uuid::Uuid::nil()), |category| category.id));
        }
        let Page { items, total, has_more } = self.ports.tasks.list(&filter, sort, page).await?;
        Ok(Page { items: with_names(&*self.ports.categories, items).await?, total, has_more })
    }

    pub(super) async fn find(&self, id: TaskId) -> Result<Task, TaskError> {
        self.ports.tasks.find(id).await?.ok_or(TaskError::NotFound)
    }

    pub(super) async fn named(&self, task: Task) -> Result<NamedTask, StoreError> {
        let category = category_of(&*self.ports.categories, task.category_id).await?;
        Ok(NamedTask { task, category })
    }
}
