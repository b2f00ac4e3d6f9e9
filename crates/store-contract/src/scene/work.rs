//! Tasks, categories and saved views.

use incident_domain::{
    incidents::{IncidentId, Priority},
    kernel::{TaskId, Title, UserId, Version, ViewFilter},
    work::{Category, CategoryId, CategoryName, SavedView, SavedViewId, Task, TaskStatus, ViewedList},
    write::ChangeSet,
};

use super::{Scene, label};

impl Scene {
    /// Makes a task that has nothing but a title, not stored.
    pub fn task_by(&self, created_by: UserId) -> Task {
        let created_at = self.now();
        Task {
            id: TaskId::new(self.uuid()),
            incident_id: None,
            title: Title::stored("look into it").expect("a title"),
            description: None,
            status: TaskStatus::Todo,
            priority: Priority::Medium,
            category_id: None,
            assigned_to: None,
            due_at: None,
            created_by,
            created_at,
            updated_at: created_at,
            version: Version::FIRST,
        }
    }

    /// Makes a category, not stored.
    pub fn category(&self, name: &str) -> Category {
        let created_at = self.now();
        Category {
            id: CategoryId::new(self.uuid()),
            name: category_name(name),
            created_at,
            updated_at: created_at,
            version: Version::FIRST,
        }
    }

    /// Makes a saved view, not stored.
    pub fn saved_view_of(&self, user_id: UserId, name: &str) -> SavedView {
        let created_at = self.now();
        SavedView {
            id: SavedViewId::new(self.uuid()),
            user_id,
            name: label(name),
            list: ViewedList::Incidents,
            filter: ViewFilter::stored("status=open").expect("conditions"),
            created_at,
            updated_at: created_at,
            version: Version::FIRST,
        }
    }

    /// Stores a task.
    pub async fn stored_task(&self, created_by: UserId) -> Task {
        self.store_task(self.task_by(created_by)).await
    }

    /// Stores a task of an incident.
    pub async fn stored_task_for(&self, incident: IncidentId, created_by: UserId) -> Task {
        self.store_task(Task { incident_id: Some(incident), ..self.task_by(created_by) }).await
    }

    /// Stores a task and returns it.
    pub async fn store_task(&self, task: Task) -> Task {
        self.commit(ChangeSet::new().insert(task.clone())).await;
        task
    }

    /// Stores a category.
    pub async fn stored_category(&self, name: &str) -> Category {
        let category = self.category(name);
        self.commit(ChangeSet::new().insert(category.clone())).await;
        category
    }

    /// Stores a saved view.
    pub async fn stored_saved_view(&self, user: UserId, name: &str) -> SavedView {
        let view = self.saved_view_of(user, name);
        self.commit(ChangeSet::new().insert(view.clone())).await;
        view
    }

    /// Reads a task.
    pub async fn read_task(&self, id: TaskId) -> Option<Task> {
        self.ports.tasks.find(id).await.expect("tasks can be read")
    }

    /// Reads a category.
    pub async fn read_category(&self, id: CategoryId) -> Option<Category> {
        self.ports.categories.find(id).await.expect("categories can be read")
    }

    /// Reads a saved view.
    pub async fn read_saved_view(&self, id: SavedViewId) -> Option<SavedView> {
        self.ports.saved_views.find(id).await.expect("saved views can be read")
    }
}

/// Parses the name of a category.
pub fn category_name(text: &str) -> CategoryName {
    CategoryName::stored(text).expect("a name")
}
