//! Faults of tasks, categories and saved views.

use async_trait::async_trait;
use incident_domain::{
    incidents::IncidentId,
    kernel::{StoreError, UserId},
    work::{Category, CategoryName, CategoryRepository, SavedView, SavedViewRepository, Task, TaskRepository},
};

use crate::{fault::Fault, mutant::Mutant};

#[async_trait]
impl TaskRepository for Mutant {
    async fn of_incidents(&self, incidents: &[IncidentId], limit_each: u32) -> Result<Vec<Task>, StoreError> {
        let mut tasks = self.memory.of_incidents(incidents, limit_each).await?;
        if self.has(Fault::LimitsApplyToAllTogether) {
            tasks.truncate(usize::try_from(limit_each).expect("it fits"));
        }
        Ok(tasks)
    }
}

#[async_trait]
impl CategoryRepository for Mutant {
    async fn find_by_name(&self, name: &CategoryName) -> Result<Option<Category>, StoreError> {
        let found = self.memory.find_by_name(name).await?;
        Ok(found.filter(|found| !self.has(Fault::FindsByCase) || found.name.as_str() == name.as_str()))
    }
}

#[async_trait]
impl SavedViewRepository for Mutant {
    async fn of_user(&self, user: UserId) -> Result<Vec<SavedView>, StoreError> {
        let mut views = self.memory.of_user(user).await?;
        if self.has(Fault::ViewsComeNewestFirst) {
            views.reverse();
        }
        Ok(views)
    }
}
