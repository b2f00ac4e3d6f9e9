//! Reading tasks.

use incident_domain::{
    incidents::Incident,
    kernel::{ListCursor, Page, PageRequest, Record as _, TaskId},
    work::{CategoryId, CategoryName, TaskFilter, TaskSort},
};
use uuid::Uuid;

use super::Tasks;
use crate::{
    incidents::IncidentRef,
    kernel::{Permission, Principal, QueryError},
    work::{NamedTask, task_with_category::with_categories},
};

/// Which tasks are wanted, with the incident and the category as clients name them.
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
    /// Returns one task.
    pub async fn get(&self, caller: &Principal, id: TaskId) -> Result<NamedTask, QueryError> {
        caller.require(Permission::ReadTasks)?;
        self.find_with_category(id).await
    }

    /// Returns a page of tasks. An incident that does not exist is not found; a category that does not exist has no tasks.
    pub async fn list(
        &self,
        caller: &Principal,
        selection: &TaskSelection,
        sort: TaskSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<NamedTask>, QueryError> {
        caller.require(Permission::ReadTasks)?;
        let mut filter = selection.filter.clone();
        if let Some(incident) = selection.incident {
            let incident = incident.find(&*self.ports.incidents).await?;
            filter.incident_id = Some(incident.ok_or(QueryError::NotFound(Incident::KIND))?.id);
        }
        if let Some(name) = &selection.category {
            let category = self.ports.categories.find_by_name(name).await?;
            // No record has the nil UUID.
            filter.category_id = Some(category.map_or(CategoryId::new(Uuid::nil()), |category| category.id));
        }
        let Page { items, total, has_more } = self.ports.tasks.list(&filter, sort, page).await?;
        Ok(Page { items: with_categories(&*self.ports.categories, items).await?, total, has_more })
    }
}
