//! Tasks with the categories that they are of.

use std::collections::{BTreeSet, HashMap};

use incident_domain::{
    Category, CategoryId, CategoryName, Task,
    ports::{CategoryRepository, StoreError},
};

/// A task with its category, which has its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedTask {
    /// The task.
    pub task: Task,
    /// What kind of work it is.
    pub category: Option<Category>,
}

impl NamedTask {
    pub(crate) fn category_name(&self) -> Option<&CategoryName> {
        self.category.as_ref().map(|category| &category.name)
    }
}

/// Names the categories of these tasks: one query, however many there are.
pub(crate) async fn with_names(
    categories: &dyn CategoryRepository,
    tasks: Vec<Task>,
) -> Result<Vec<NamedTask>, StoreError> {
    let ids: BTreeSet<CategoryId> = tasks.iter().filter_map(|task| task.category_id).collect();
    let mut known: HashMap<CategoryId, Category> = HashMap::new();
    let ids: Vec<CategoryId> = ids.into_iter().collect();
    for ids in ids.chunks(CATEGORIES_AT_A_TIME_MAX) {
        known.extend(categories.find_many(ids).await?.into_iter().map(|category| (category.id, category)));
    }
    let with_name = |task: Task| {
        let category = task.category_id.and_then(|id| known.get(&id).cloned());
        NamedTask { task, category }
    };
    Ok(tasks.into_iter().map(with_name).collect())
}

/// What the port takes at once.
const CATEGORIES_AT_A_TIME_MAX: usize = 500;

/// A category that something is of.
pub(crate) async fn category_of(
    categories: &dyn CategoryRepository,
    id: Option<CategoryId>,
) -> Result<Option<Category>, StoreError> {
    let Some(id) = id else { return Ok(None) };
    Ok(categories.find_many(&[id]).await?.pop())
}
