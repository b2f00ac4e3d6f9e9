//! Categories: named into being, and looked after by managers.

mod error;
mod names;

use std::sync::Arc;

use incident_domain::{
    Category, CategoryId, CategoryName, ChangeSet, ListCursor, Page, PageRequest, Role, Timestamp, Version,
    ports::{CategoryRepository, Clock, CommitError, Conflict, IdGenerator, Reference, Store, UniqueKey},
};

pub use error::CategoryError;
pub use names::NamedTask;
pub(crate) use names::{category_of, with_names};

use crate::{
    Caller, Command, Precondition, audit,
    audit::Audit,
    command::{COMMIT_ATTEMPTS_MAX, is_overtaken},
    published,
};

/// What looking after categories needs from the world.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct CategoryPorts {
    pub store: Arc<dyn Store>,
    pub categories: Arc<dyn CategoryRepository>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
}

/// The use cases of categories.
pub struct Categories {
    ports: CategoryPorts,
}

fn target(id: CategoryId) -> String {
    format!("category:{id}")
}

/// A category that does not exist yet.
pub(crate) fn new_category(name: CategoryName, now: Timestamp, ids: &dyn IdGenerator) -> Category {
    let id = CategoryId::new(ids.next_id());
    Category { id, name, created_at: now, updated_at: now, version: Version::FIRST }
}

/// A category that was there already, or has just been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCategory {
    /// The category.
    pub category: Category,
    /// Whether this command made it.
    pub is_new: bool,
}

impl Categories {
    /// A service over these ports.
    pub const fn new(ports: CategoryPorts) -> Self {
        Self { ports }
    }

    fn audit(&self) -> Audit<'_> {
        Audit { store: &*self.ports.store, clock: &*self.ports.clock, ids: &*self.ports.ids }
    }

    /// A page of all categories, by name.
    pub async fn list(&self, caller: &Caller, page: PageRequest<ListCursor>) -> Result<Page<Category>, CategoryError> {
        caller.require(Role::Viewer)?;
        Ok(self.ports.categories.list(page).await?)
    }

    /// One category.
    pub async fn get(&self, caller: &Caller, id: CategoryId) -> Result<Category, CategoryError> {
        caller.require(Role::Viewer)?;
        self.find(id).await
    }

    async fn find(&self, id: CategoryId) -> Result<Category, CategoryError> {
        self.ports.categories.find_many(&[id]).await?.pop().ok_or(CategoryError::NotFound)
    }

    /// The category with this name, made if there is none: of several who name it at once, all get the same.
    pub async fn name(
        &self,
        command: Command<'_, NamedCategory>,
        name: CategoryName,
    ) -> Result<NamedCategory, CategoryError> {
        let work = self.name_for(&command, name);
        self.audit().attempt(&command, "category.create", "categories", work).await
    }

    async fn name_for(
        &self,
        command: &Command<'_, NamedCategory>,
        name: CategoryName,
    ) -> Result<NamedCategory, CategoryError> {
        let caller = command.caller();
        caller.require(Role::Responder)?;
        let (store, ids) = (&*self.ports.store, &*self.ports.ids);
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            if let Some(category) = self.ports.categories.find_by_name(&name).await? {
                let found = NamedCategory { category, is_new: false };
                command.keep_reply(store, &found).await?;
                return Ok(found);
            }
            let now = self.ports.clock.now();
            let category = new_category(name.clone(), now, ids);
            let changes = ChangeSet::new()
                .insert(category.clone())
                .insert(audit::of_caller(caller, "category.create", target(category.id), now, ids))
                .insert_all([published::of_category("created", &category, now, ids)]);
            let made = NamedCategory { category, is_new: true };
            match store.commit(command.with_reply(changes, &made)?).await {
                Ok(()) => return Ok(made),
                Err(CommitError::Conflict(Conflict::Duplicate(Category::NAME))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CategoryError::Contended)
    }

    /// Gives a category another name.
    pub async fn rename(
        &self,
        command: Command<'_, Category>,
        id: CategoryId,
        name: CategoryName,
        precondition: &Precondition,
    ) -> Result<Category, CategoryError> {
        let work = self.rename_for(&command, id, name, precondition);
        self.audit().attempt(&command, "category.rename", target(id), work).await
    }

    async fn rename_for(
        &self,
        command: &Command<'_, Category>,
        id: CategoryId,
        name: CategoryName,
        precondition: &Precondition,
    ) -> Result<Category, CategoryError> {
        let caller = command.caller();
        caller.require(Role::Manager)?;
        let (store, ids) = (&*self.ports.store, &*self.ports.ids);
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let category = self.find(id).await?;
            if !precondition.holds(category.version) {
                return Err(CategoryError::PreconditionFailed);
            }
            let now = self.ports.clock.now();
            let renamed = category.renamed(name.clone(), now);
            let committed = if renamed.version == category.version {
                command.keep_reply(store, &renamed).await
            } else {
                let changes = ChangeSet::new()
                    .update(renamed.clone(), category.version)
                    .insert(audit::of_caller(caller, "category.rename", target(id), now, ids))
                    .insert_all([published::of_category("renamed", &renamed, now, ids)]);
                store.commit(command.with_reply(changes, &renamed)?).await
            };
            match committed {
                Ok(()) => return Ok(renamed),
                Err(error) if is_overtaken(&error, Category::KIND) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CategoryError::Contended)
    }

    /// Takes a category away that no task is of.
    pub async fn delete(
        &self,
        command: Command<'_, ()>,
        id: CategoryId,
        precondition: &Precondition,
    ) -> Result<(), CategoryError> {
        let work = self.delete_for(&command, id, precondition);
        self.audit().attempt(&command, "category.delete", target(id), work).await
    }

    async fn delete_for(
        &self,
        command: &Command<'_, ()>,
        id: CategoryId,
        precondition: &Precondition,
    ) -> Result<(), CategoryError> {
        let caller = command.caller();
        caller.require(Role::Manager)?;
        let (store, ids) = (&*self.ports.store, &*self.ports.ids);
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let category = self.find(id).await?;
            if !precondition.holds(category.version) {
                return Err(CategoryError::PreconditionFailed);
            }
            let now = self.ports.clock.now();
            let changes = ChangeSet::new()
                .delete(&category)
                .insert(audit::of_caller(caller, "category.delete", target(id), now, ids))
                .insert_all([published::of_category("deleted", &category, now, ids)]);
            match store.commit(command.with_reply(changes, &())?).await {
                Ok(()) => return Ok(()),
                Err(error) if is_overtaken(&error, Category::KIND) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CategoryError::Contended)
    }
}
