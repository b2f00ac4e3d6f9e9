//! Saved views.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{IncidentFilter, TaskFilter, filter::Query};
use crate::names::ViewedList;

/// A list's conditions under a name of yours.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct SavedView {
    /// Its id, for the filters' `view`.
    pub id: Uuid,
    /// What you call it.
    pub name: String,
    /// The list it is of.
    pub list: ViewedList,
    /// The list's parameters and their values.
    pub filter: BTreeMap<String, String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes.
    pub version: u32,
}

/// A view to be saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewSavedView {
    name: String,
    list: ViewedList,
    filter: BTreeMap<&'static str, String>,
}

impl NewSavedView {
    /// A view of the incidents that a filter lets through.
    pub fn of_incidents(name: impl Into<String>, filter: &IncidentFilter) -> Self {
        Self { name: name.into(), list: ViewedList::Incidents, filter: members(filter.query()) }
    }

    /// A view of the tasks that a filter lets through.
    pub fn of_tasks(name: impl Into<String>, filter: &TaskFilter) -> Self {
        Self { name: name.into(), list: ViewedList::Tasks, filter: members(filter.query()) }
    }
}

/// What is to change about a view: what is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SavedViewPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<BTreeMap<&'static str, String>>,
}

impl SavedViewPatch {
    /// What you call it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// All conditions of a view of incidents anew.
    #[must_use]
    pub fn incidents(mut self, filter: &IncidentFilter) -> Self {
        self.filter = Some(members(filter.query()));
        self
    }

    /// All conditions of a view of tasks anew.
    #[must_use]
    pub fn tasks(mut self, filter: &TaskFilter) -> Self {
        self.filter = Some(members(filter.query()));
        self
    }
}

fn members(query: Query) -> BTreeMap<&'static str, String> {
    query.into_iter().collect()
}
