//! Categories of tasks: created by name, renamed and deleted by managers.

use std::sync::Arc;

use incident_domain::{
    identity::Role,
    kernel::{Conflict, Direction, ListCursor, Page, PageRequest, Record as _, Sort, Timestamp, Version},
    work::{Category, CategoryId, CategoryName, CategoryRepository, CategorySortKey},
};
use thiserror::Error;

use crate::kernel::{
    Command, CommandError, CommandRunner, Decision, Permission, Precondition, Principal, Published as _, QueryError,
    RecordCommand, Rule, existing, target,
};

/// Why a command on a category was not carried out.
pub type CategoryError = CommandError<CategoryRule>;

/// A rule of categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CategoryRule {
    /// There is a category with this name already.
    #[error("there is a category with this name already")]
    NameTaken,
    /// Tasks have this category.
    #[error("tasks are of this category")]
    InUse,
}

impl Rule for CategoryRule {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::NameTaken => "category_name_taken",
            Self::InUse => "category_in_use",
        })
    }

    fn broken_by(conflict: Conflict) -> Option<Self> {
        match conflict {
            Conflict::Duplicate(Category::NAME) => Some(Self::NameTaken),
            Conflict::InUse(Category::KIND) => Some(Self::InUse),
            _ => None,
        }
    }
}

/// The order of the list.
const BY_NAME: Sort<CategorySortKey> = Sort { key: CategorySortKey, direction: Direction::Ascending };

/// The use cases of categories.
pub struct Categories {
    runner: Arc<CommandRunner>,
    categories: Arc<dyn CategoryRepository>,
}

/// A category that existed already, or was just created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCategory {
    /// The category.
    pub category: Category,
    /// Whether this command created it.
    pub is_new: bool,
}

impl Categories {
    /// Makes a service over these ports.
    pub const fn new(runner: Arc<CommandRunner>, categories: Arc<dyn CategoryRepository>) -> Self {
        Self { runner, categories }
    }

    /// Returns a page of all categories, by name.
    pub async fn list(&self, caller: &Principal, page: PageRequest<ListCursor>) -> Result<Page<Category>, QueryError> {
        caller.require(Permission::ReadTasks)?;
        Ok(self.categories.list(&(), BY_NAME, page).await?)
    }

    /// Returns one category.
    pub async fn get(&self, caller: &Principal, id: CategoryId) -> Result<Category, QueryError> {
        caller.require(Permission::ReadTasks)?;
        existing(self.categories.find(id).await?)
    }

    async fn find(&self, id: CategoryId) -> Result<Category, CategoryError> {
        Ok(existing(self.categories.find(id).await?)?)
    }

    /// Returns the category with a name, created if there is none. Several callers who name it at once get the same.
    pub async fn name(
        &self,
        command: Command<'_, NamedCategory>,
        name: CategoryName,
    ) -> Result<NamedCategory, CategoryError> {
        let name = &name;
        self.runner
            .execute(&command, "category.create", Category::COLLECTION, |caller, now| async move {
                caller.require(Role::Responder)?;
                if let Some(category) = self.categories.find_by_name(name).await? {
                    return Ok(Decision::unchanged(NamedCategory { category, is_new: false }));
                }
                let category = new_category(&self.runner, name.clone(), now);
                let changes = self.runner.created(&category, now);
                let decision = Decision::done(target(category.id), changes, NamedCategory { category, is_new: true });
                Ok(decision.retried_if_taken(Category::NAME))
            })
            .await
    }

    /// Gives a category another name.
    pub async fn rename(
        &self,
        command: Command<'_, Category>,
        id: CategoryId,
        name: CategoryName,
        precondition: &Precondition,
    ) -> Result<Category, CategoryError> {
        let (kind, right) = ("category.rename", Role::Manager.into());
        let about = RecordCommand { kind, change: "renamed", right, id, precondition };
        let rename = |category: &Category, now| category.renamed(name.clone(), now);
        self.runner.change(&command, about, || self.find(id), rename).await
    }

    /// Deletes a category that no task has.
    pub async fn delete(
        &self,
        command: Command<'_, ()>,
        id: CategoryId,
        precondition: &Precondition,
    ) -> Result<(), CategoryError> {
        let (kind, right) = ("category.delete", Role::Manager.into());
        let about = RecordCommand { kind, change: "deleted", right, id, precondition };
        self.runner.delete(&command, about, || self.find(id)).await
    }
}

/// Makes a category that does not exist yet.
pub(super) fn new_category(runner: &CommandRunner, name: CategoryName, now: Timestamp) -> Category {
    Category { id: runner.new_id(), name, created_at: now, updated_at: now, version: Version::FIRST }
}
