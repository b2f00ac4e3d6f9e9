//! Saved views of lists.

use crate::kernel::{
    Label, Record, RecordId as _, RecordKind, Reference, Timestamp, UniqueKey, UniqueValue, UserId, Version, Versioned,
    ViewFilter, id::identifier, names::named,
};

identifier!(
    /// Identifies a [`SavedView`].
    SavedViewId, "saved_view"
);

named!(
    /// The list that a view is for.
    ViewedList {
        /// The list of incidents.
        Incidents = "incidents",
        /// The list of tasks.
        Tasks = "tasks",
    }
);

/// The conditions of a list, saved by a user under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// The identifier.
    pub id: SavedViewId,
    /// The user who saved it.
    pub user_id: UserId,
    /// The name; unique among the user's views, exactly as written.
    pub name: Label,
    /// The list that it is for.
    pub list: ViewedList,
    /// The conditions, in the syntax of the list.
    pub filter: ViewFilter,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The version.
    pub version: Version,
}

impl SavedView {
    /// The unique key: user and name.
    pub const NAME: UniqueKey = UniqueKey::new("saved view name");
    /// The most views of one user.
    pub const PER_USER_MAX: usize = 100;

    /// Returns the view with another name or other conditions, and with the next version if any of them differs.
    #[must_use]
    pub fn changed(&self, name: Option<Label>, filter: Option<ViewFilter>, at: Timestamp) -> Self {
        let mut view = self.clone();
        view.name = name.unwrap_or(view.name);
        view.filter = filter.unwrap_or(view.filter);
        if view != *self {
            view.version = self.version.next();
            view.updated_at = at.max(self.updated_at);
        }
        view
    }
}

impl Record for SavedView {
    type Id = SavedViewId;
    const KIND: RecordKind = SavedViewId::KIND;

    fn id(&self) -> SavedViewId {
        self.id
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference::to_owner(self.user_id)]
    }

    fn unique_values(&self) -> Vec<UniqueValue> {
        let user = self.user_id.as_uuid();
        vec![UniqueValue::new(Self::NAME, [user.as_bytes(), self.name.as_str().as_bytes()])]
    }
}

impl Versioned for SavedView {
    fn version(&self) -> Version {
        self.version
    }
}
