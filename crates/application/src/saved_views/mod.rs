//! Saved views: everybody's own.

mod error;

use std::sync::Arc;

use incident_domain::{
    ChangeSet, Label, Role, SavedView, SavedViewId, Version, ViewFilter, ViewedList,
    ports::{Clock, IdGenerator, Reference, SavedViewRepository, Store},
};

pub use error::SavedViewError;

use crate::{
    Caller, Command, Precondition, audit,
    audit::Audit,
    command::{COMMIT_ATTEMPTS_MAX, is_overtaken},
    line_up::Queues,
    published,
};

/// What keeping views needs from the world.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct SavedViewPorts {
    pub store: Arc<dyn Store>,
    pub views: Arc<dyn SavedViewRepository>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
}

/// A view to be saved.
#[derive(Clone, Debug)]
pub struct NewSavedView {
    /// What its user calls it.
    pub name: Label,
    /// Which list it is of.
    pub list: ViewedList,
    /// The list's conditions.
    pub filter: ViewFilter,
}

/// The use cases of saved views. Each belongs to one user, and for others it is not there.
pub struct SavedViews {
    ports: SavedViewPorts,
    queues: Queues,
}

fn target(id: SavedViewId) -> String {
    format!("saved_view:{id}")
}

impl SavedViews {
    /// A service over these ports.
    pub fn new(ports: SavedViewPorts) -> Self {
        Self { ports, queues: Queues::new() }
    }

    fn audit(&self) -> Audit<'_> {
        Audit { store: &*self.ports.store, clock: &*self.ports.clock, ids: &*self.ports.ids }
    }

    /// All views of the caller, the oldest first.
    pub async fn list(&self, caller: &Caller) -> Result<Vec<SavedView>, SavedViewError> {
        caller.require(Role::Viewer)?;
        Ok(self.ports.views.of_user(caller.user_id).await?)
    }

    /// One view of the caller.
    pub async fn get(&self, caller: &Caller, id: SavedViewId) -> Result<SavedView, SavedViewError> {
        caller.require(Role::Viewer)?;
        let view = self.ports.views.find(id).await?;
        view.filter(|view| view.user_id == caller.user_id).ok_or(SavedViewError::NotFound)
    }

    /// Saves a view.
    pub async fn save(&self, command: Command<'_, SavedView>, new: NewSavedView) -> Result<SavedView, SavedViewError> {
        let work = self.save_for(&command, new);
        self.audit().attempt(&command, "saved_view.create", "saved_views", work).await
    }

    async fn save_for(&self, command: &Command<'_, SavedView>, new: NewSavedView) -> Result<SavedView, SavedViewError> {
        let caller = command.caller();
        // Several processes may each let one more in at the same moment, which does no harm.
        let _turn = self.queues.line_up(caller.user_id).await;
        if self.list(caller).await?.len() >= SavedView::PER_USER_MAX {
            return Err(SavedViewError::TooMany);
        }
        let (now, ids) = (self.ports.clock.now(), &*self.ports.ids);
        let view = SavedView {
            id: SavedViewId::new(ids.next_id()),
            user_id: caller.user_id,
            name: new.name,
            list: new.list,
            filter: new.filter,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        };
        let changes = ChangeSet::new()
            .insert(view.clone())
            .insert(audit::of_caller(caller, "saved_view.create", target(view.id), now, ids))
            .insert_all([published::of_saved_view("created", &view, now, ids)]);
        self.ports.store.commit(command.with_reply(changes, &view)?).await?;
        Ok(view)
    }

    /// Gives a view another name or other conditions.
    pub async fn change(
        &self,
        command: Command<'_, SavedView>,
        id: SavedViewId,
        name: Option<Label>,
        filter: Option<ViewFilter>,
        precondition: &Precondition,
    ) -> Result<SavedView, SavedViewError> {
        let work = self.change_for(&command, id, name, filter, precondition);
        self.audit().attempt(&command, "saved_view.update", target(id), work).await
    }

    async fn change_for(
        &self,
        command: &Command<'_, SavedView>,
        id: SavedViewId,
        name: Option<Label>,
        filter: Option<ViewFilter>,
        precondition: &Precondition,
    ) -> Result<SavedView, SavedViewError> {
        let caller = command.caller();
        let (store, ids) = (&*self.ports.store, &*self.ports.ids);
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let view = self.get(caller, id).await?;
            if !precondition.holds(view.version) {
                return Err(SavedViewError::PreconditionFailed);
            }
            let now = self.ports.clock.now();
            let after = view.changed(name.clone(), filter.clone(), now);
            let committed = if after.version == view.version {
                command.keep_reply(store, &after).await
            } else {
                let changes = ChangeSet::new()
                    .update(after.clone(), view.version)
                    .insert(audit::of_caller(caller, "saved_view.update", target(id), now, ids))
                    .insert_all([published::of_saved_view("changed", &after, now, ids)]);
                store.commit(command.with_reply(changes, &after)?).await
            };
            match committed {
                Ok(()) => return Ok(after),
                Err(error) if is_overtaken(&error, SavedView::KIND) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(SavedViewError::Contended)
    }

    /// Takes a view away.
    pub async fn delete(
        &self,
        command: Command<'_, ()>,
        id: SavedViewId,
        precondition: &Precondition,
    ) -> Result<(), SavedViewError> {
        let work = self.delete_for(&command, id, precondition);
        self.audit().attempt(&command, "saved_view.delete", target(id), work).await
    }

    async fn delete_for(
        &self,
        command: &Command<'_, ()>,
        id: SavedViewId,
        precondition: &Precondition,
    ) -> Result<(), SavedViewError> {
        let caller = command.caller();
        let (store, ids) = (&*self.ports.store, &*self.ports.ids);
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let view = self.get(caller, id).await?;
            if !precondition.holds(view.version) {
                return Err(SavedViewError::PreconditionFailed);
            }
            let now = self.ports.clock.now();
            let changes = ChangeSet::new()
                .delete(&view)
                .insert(audit::of_caller(caller, "saved_view.delete", target(id), now, ids))
                .insert_all([published::of_saved_view("deleted", &view, now, ids)]);
            match store.commit(command.with_reply(changes, &())?).await {
                Ok(()) => return Ok(()),
                Err(error) if is_overtaken(&error, SavedView::KIND) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(SavedViewError::Contended)
    }
}
