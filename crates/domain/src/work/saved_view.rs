//! What a user looks at again and again.

use crate::kernel::{
    Label, Record, RecordId as _, RecordKind, Reference, Timestamp, UniqueKey, UniqueValue, UserId, Version, Versioned,
    ViewFilter, id::identifier, names::named,
};

identifier!(
    /// Identifies a [`SavedView`].
    SavedViewId, "saved_view"
);

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
    /// A user's views have different names.
    pub const NAME: UniqueKey = UniqueKey::new("saved view name");
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
