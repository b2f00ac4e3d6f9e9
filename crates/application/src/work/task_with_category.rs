//! Tasks with their categories.

use std::collections::{BTreeSet, HashMap};

use incident_domain::{
    kernel::{FIND_MANY_MAX, StoreError},
    work::{Category, CategoryId, CategoryName, CategoryRepository, Task},
};

/// A task with its category, which has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedTask {
    /// The task.
    pub task: Task,
    /// Its category.
    pub category: Option<Category>,
}

impl NamedTask {
    pub(super) fn category_name(&self) -> Option<&CategoryName> {
        self.category.as_ref().map(|category| &category.name)
    }
}

/// Reads the categories of tasks, by one query for up to [`FIND_MANY_MAX`] categories.
pub(super) async fn with_categories(
    categories: &dyn CategoryRepository,
    tasks: Vec<Task>,
) -> Result<Vec<NamedTask>, StoreError> {
    let ids: BTreeSet<CategoryId> = tasks.iter().filter_map(|task| task.category_id).collect();
    let ids: Vec<CategoryId> = ids.into_iter().collect();
    let mut known: HashMap<CategoryId, Category> = HashMap::new();
    for ids in ids.chunks(FIND_MANY_MAX) {
        known.extend(categories.find_many(ids).await?.into_iter().map(|category| (category.id, category)));
    }
    let with_category = |task: Task| {
        let category = task.category_id.and_then(|id| known.get(&id).cloned());
        NamedTask { task, category }
    };
    Ok(tasks.into_iter().map(with_category).collect())
}
