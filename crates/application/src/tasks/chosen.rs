//! The category that a task is to be of: one that is there, or one that comes into being with the task.

use incident_domain::{Category, CategoryName, ChangeSet, Timestamp};

use super::{TaskError, Tasks};
use crate::{Caller, audit, categories::new_category, published};

/// A category that a task is to be of, and whether it has to be made first.
pub(super) struct Chosen {
    pub(super) category: Option<Category>,
    is_new: bool,
}

impl Tasks {
    /// Adds the category, if it has to be made.
    pub(super) fn with_category(
        &self,
        changes: ChangeSet,
        caller: &Caller,
        chosen: &Chosen,
        at: Timestamp,
    ) -> ChangeSet {
        let Some(category) = chosen.category.as_ref().filter(|_| chosen.is_new) else { return changes };
        let ids = &*self.ports.ids;
        let target = format_args!("category:{}", category.id);
        changes
            .insert(category.clone())
            .insert(audit::of_caller(caller, "category.create", target, at, ids))
            .insert_all([published::of_category("created", category, at, ids)])
    }

    /// The category with a name, or a new one.
    pub(super) async fn choose(&self, name: Option<&CategoryName>, now: Timestamp) -> Result<Chosen, TaskError> {
        let Some(name) = name else { return Ok(Chosen { category: None, is_new: false }) };
        let known = self.ports.categories.find_by_name(name).await?;
        let is_new = known.is_none();
        let category = known.unwrap_or_else(|| new_category(name.clone(), now, &*self.ports.ids));
        Ok(Chosen { category: Some(category), is_new })
    }
}
