//! Saved views: the conditions of a list under a name, each of one user. For other users a view does not exist.

use std::sync::Arc;

use incident_domain::{
    identity::Role,
    kernel::{Conflict, Label, Version, ViewFilter},
    work::{SavedView, SavedViewId, SavedViewRepository, ViewedList},
};
use thiserror::Error;

use crate::kernel::{
    Command, CommandError, CommandRunner, Precondition, Principal, QueryError, RecordCommand, Rule, existing,
};

/// Why a command on a saved view was not carried out.
pub type SavedViewError = CommandError<SavedViewRule>;

/// A rule of saved views.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SavedViewRule {
    /// The user has a view with this name already.
    #[error("there is a view of yours with this name already")]
    NameTaken,
    /// The user has as many views as a user may have.
    #[error("a user may have at most {} views", SavedView::PER_USER_MAX)]
    TooMany,
}

impl Rule for SavedViewRule {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::NameTaken => "view_name_taken",
            Self::TooMany => "too_many_views",
        })
    }

    fn broken_by(conflict: Conflict) -> Option<Self> {
        (conflict == Conflict::Duplicate(SavedView::NAME)).then_some(Self::NameTaken)
    }
}

/// A view to be saved.
#[derive(Clone, Debug)]
pub struct NewSavedView {
    /// What its user calls it.
    pub name: Label,
    /// Which list it is of.
    pub list: ViewedList,
    /// The conditions of the list.
    pub filter: ViewFilter,
}

/// The use cases of saved views.
pub struct SavedViews {
    runner: Arc<CommandRunner>,
    views: Arc<dyn SavedViewRepository>,
}

impl SavedViews {
    /// Makes a service over these ports.
    pub const fn new(runner: Arc<CommandRunner>, views: Arc<dyn SavedViewRepository>) -> Self {
        Self { runner, views }
    }

    /// Returns all views of the caller, the oldest first.
    pub async fn list(&self, caller: &Principal) -> Result<Vec<SavedView>, QueryError> {
        Ok(self.views.of_user(caller.require_user()?).await?)
    }

    /// Returns one view of the caller.
    pub async fn get(&self, caller: &Principal, id: SavedViewId) -> Result<SavedView, QueryError> {
        let own = caller.require_user()?;
        existing(self.views.find(id).await?.filter(|view| view.user_id == own))
    }

    /// Saves a view.
    pub async fn save(&self, command: Command<'_, SavedView>, new: NewSavedView) -> Result<SavedView, SavedViewError> {
        let (caller, new) = (command.principal(), &new);
        // Several replicas may each save one more at the same moment, which does no harm.
        let _lock = self.runner.lock(caller.user_id()).await;
        let make = |now| async move {
            if self.list(caller).await?.len() >= SavedView::PER_USER_MAX {
                return Err(SavedViewRule::TooMany.into());
            }
            Ok(SavedView {
                id: self.runner.new_id(),
                user_id: caller.require_user()?,
                name: new.name.clone(),
                list: new.list,
                filter: new.filter.clone(),
                created_at: now,
                updated_at: now,
                version: Version::FIRST,
            })
        };
        self.runner.create(&command, "saved_view.create", Role::Viewer, make).await
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
        let (kind, right) = ("saved_view.update", Role::Viewer.into());
        let about = RecordCommand { kind, change: "changed", right, id, precondition };
        let change = |view: &SavedView, now| view.changed(name.clone(), filter.clone(), now);
        self.runner.change(&command, about, || self.find(command.principal(), id), change).await
    }

    /// Deletes a view.
    pub async fn delete(
        &self,
        command: Command<'_, ()>,
        id: SavedViewId,
        precondition: &Precondition,
    ) -> Result<(), SavedViewError> {
        let (kind, right) = ("saved_view.delete", Role::Viewer.into());
        let about = RecordCommand { kind, change: "deleted", right, id, precondition };
        self.runner.delete(&command, about, || self.find(command.principal(), id)).await
    }

    async fn find(&self, caller: &Principal, id: SavedViewId) -> Result<SavedView, SavedViewError> {
        Ok(self.get(caller, id).await?)
    }
}
