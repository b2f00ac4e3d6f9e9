//! What a user looks at again and again.

use crate::{Label, SavedViewId, Timestamp, UserId, Version, ViewFilter, named::named};

named!(
    /// Which list a view is of.
    ViewedList {
        /// The list of incidents.
        Incidents = "incidents",
        /// The list of tasks.
        Tasks = "tasks",
    }
);

/// A list's conditions under a name, kept for the user who saved them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Its identifier.
    pub id: SavedViewId,
    /// Whose it is.
    pub user_id: UserId,
    /// What they call it; unique among their own, exactly as written.
    pub name: Label,
    /// Which list it is of.
    pub list: ViewedList,
    /// The conditions, in the form that the list understands.
    pub filter: ViewFilter,
    /// When it was saved.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts its changes.
    pub version: Version,
}

impl SavedView {
    /// The most views that one user can have.
    pub const PER_USER_MAX: usize = 100;

    /// The view with another name or other conditions, and one version further if any of them is new.
    #[must_use]
    pub fn changed(&self, name: Option<Label>, filter: Option<ViewFilter>, at: Timestamp) -> Self {
        let mut view = self.clone();
        view.name = name.unwrap_or(view.name);
        view.filter = filter.unwrap_or(view.filter);
        if view != *self {
            view.version = self.version.next();
            view.updated_at = at;
        }
        view
    }
}
