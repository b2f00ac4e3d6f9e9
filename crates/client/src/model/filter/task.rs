//! Which tasks.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Direction, Query, replaced, several, sorted, time};
use crate::names::{Priority, TaskSort, TaskStatus};

/// Which tasks; conditions are joined by "and". The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter(Query);

impl TaskFilter {
    /// Those with one of these statuses.
    #[must_use]
    pub fn status(self, statuses: &[TaskStatus]) -> Self {
        self.with("status", several(statuses))
    }

    /// Those with one of these priorities.
    #[must_use]
    pub fn priority(self, priorities: &[Priority]) -> Self {
        self.with("priority", several(priorities))
    }

    /// Those for this incident, by its id or number.
    #[must_use]
    pub fn incident(self, incident: impl Display) -> Self {
        self.with("incident", incident.to_string())
    }

    /// Those of the category of this name.
    #[must_use]
    pub fn category(self, category: impl Into<String>) -> Self {
        self.with("category", category.into())
    }

    /// Those of this assignee.
    #[must_use]
    pub fn assigned_to(self, user: Uuid) -> Self {
        self.with("assigned_to", user.to_string())
    }

    /// Those that this user made.
    #[must_use]
    pub fn created_by(self, user: Uuid) -> Self {
        self.with("created_by", user.to_string())
    }

    /// Those that are due at this time or later.
    #[must_use]
    pub fn due_since(self, since: DateTime<Utc>) -> Self {
        self.with("due_since", time(since))
    }

    /// Those that are due before this time.
    #[must_use]
    pub fn due_until(self, until: DateTime<Utc>) -> Self {
        self.with("due_until", time(until))
    }

    /// Those that this saved view of yours shows, where nothing else is said.
    #[must_use]
    pub fn view(self, view: Uuid) -> Self {
        self.with("view", view.to_string())
    }

    /// In this order; the newest first if nothing is said.
    #[must_use]
    pub fn sort(self, by: TaskSort, direction: Direction) -> Self {
        self.with("sort", sorted(by.as_str(), direction))
    }

    /// How many are fetched at a time, from 1 to 200.
    #[must_use]
    pub fn page_size(self, size: u32) -> Self {
        self.with("page_size", size.to_string())
    }

    /// A condition that this release of the client has no method for.
    #[must_use]
    pub fn with(self, name: &'static str, value: String) -> Self {
        Self(replaced(self.0, name, value))
    }

    pub(crate) fn query(&self) -> Query {
        self.0.clone()
    }
}
