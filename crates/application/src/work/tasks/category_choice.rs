//! The category that a task is to have: an existing one, or one that is created with the task.

use incident_domain::{
    kernel::{StoreError, Timestamp},
    work::{Category, CategoryName, CategoryRepository},
    write::ChangeSet,
};

use crate::{
    kernel::{CommandRunner, Principal, target},
    work::categories::new_category,
};

/// A category that a task is to have, and whether it has to be created first.
pub(super) struct CategoryChoice {
    pub(super) category: Option<Category>,
    is_new: bool,
}

impl CategoryChoice {
    /// Chooses the category with a name, or a new one.
    pub(super) async fn by_name(
        name: Option<&CategoryName>,
        categories: &dyn CategoryRepository,
        runner: &CommandRunner,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let Some(name) = name else { return Ok(Self { category: None, is_new: false }) };
        let known = categories.find_by_name(name).await?;
        let is_new = known.is_none();
        let category = known.unwrap_or_else(|| new_category(runner, name.clone(), now));
        Ok(Self { category: Some(category), is_new })
    }

    /// Returns the changes that create the category, if it has to be created.
    pub(super) fn changes(&self, runner: &CommandRunner, caller: &Principal, at: Timestamp) -> ChangeSet {
        match self.category.as_ref().filter(|_| self.is_new) {
            Some(category) => {
                runner.created(category, at).insert(runner.action(caller, "category.create", target(category.id), at))
            }
            None => ChangeSet::new(),
        }
    }
}
