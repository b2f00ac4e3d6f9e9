//! Saved views.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::task::TaskFilter;
use crate::{
    incidents::IncidentFilter,
    kernel::{
        collection::resource,
        error::ClientError,
        fields::{Fields, fields},
        names::names,
    },
};

names! {
    /// The list that a saved view filters.
    ViewedList { Incidents, Tasks }
}

/// The conditions of a list under a name. Filters take a view by its id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct SavedView {
    pub id: Uuid,
    pub name: String,
    /// The list that it filters.
    pub list: ViewedList,
    /// The parameters of the list and their values.
    pub filter: BTreeMap<String, String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: u32,
}

fields! {
    /// A view to save; [`NewSavedView::of_incidents`] or [`NewSavedView::of_tasks`] begins one.
    NewSavedView {}
}

impl NewSavedView {
    /// Saves a filter of incidents.
    pub fn of_incidents(name: &str, filter: &IncidentFilter) -> Self {
        Self::of(name, ViewedList::Incidents, filter)
    }

    /// Saves a filter of tasks.
    pub fn of_tasks(name: &str, filter: &TaskFilter) -> Self {
        Self::of(name, ViewedList::Tasks, filter)
    }

    fn of(name: &str, list: ViewedList, filter: &impl AsRef<Fields>) -> Self {
        Self::default().with("name", name).with("list", list).with("filter", parameters(filter))
    }
}

fn parameters(filter: &impl AsRef<Fields>) -> BTreeMap<&'static str, String> {
    filter.as_ref().parameters().collect()
}

fields! {
    /// A change of a saved view. Fields that are not set stay as they are.
    SavedViewPatch {
        name: &str,
    }
}

impl SavedViewPatch {
    /// Replaces all conditions of a view of incidents.
    pub fn incidents(self, filter: &IncidentFilter) -> Self {
        self.with("filter", parameters(filter))
    }

    /// Replaces all conditions of a view of tasks.
    pub fn tasks(self, filter: &TaskFilter) -> Self {
        self.with("filter", parameters(filter))
    }
}

resource! {
    /// The saved views of the user who is signed in.
    views() -> SavedViews of SavedView at ["users", "me", "views"];
    Create { New = NewSavedView, Created = SavedView }
    Read {}
    Update { Patch = SavedViewPatch }
    Delete {}
}

impl SavedViews {
    /// Returns all saved views, which are few.
    pub async fn list(&self) -> Result<Vec<SavedView>, ClientError> {
        #[derive(Deserialize)]
        struct Views {
            items: Vec<SavedView>,
        }
        let views: Views = self.transport.get(&Self::path(&[]), &Fields::default()).await?;
        Ok(views.items)
    }
}
