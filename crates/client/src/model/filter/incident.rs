//! Which incidents.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Direction, Query, added, replaced, several, sorted, time};
use crate::names::{IncidentSort, Priority, Status};

/// What tells how a list is shown, and not what is in it.
const APPEARANCE: [&str; 3] = ["include", "page_size", "sort"];

/// Which incidents; conditions are joined by "and". The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentFilter(Query);

impl IncidentFilter {
    /// Those with one of these statuses.
    #[must_use]
    pub fn status(self, statuses: &[Status]) -> Self {
        self.with("status", several(statuses))
    }

    /// Those with one of these priorities.
    #[must_use]
    pub fn priority(self, priorities: &[Priority]) -> Self {
        self.with("priority", several(priorities))
    }

    /// Those of this assignee.
    #[must_use]
    pub fn assigned_to(self, user: Uuid) -> Self {
        self.with("assigned_to", user.to_string())
    }

    /// Those of this reporter.
    #[must_use]
    pub fn reported_by(self, user: Uuid) -> Self {
        self.with("reported_by", user.to_string())
    }

    /// Those that affect this service.
    #[must_use]
    pub fn service(self, service: impl Into<String>) -> Self {
        self.with("service", service.into())
    }

    /// Those of this category.
    #[must_use]
    pub fn category(self, category: impl Into<String>) -> Self {
        self.with("category", category.into())
    }

    /// Those with this label; given several times, those with all of them.
    #[must_use]
    pub fn label(self, key: &str, value: &str) -> Self {
        Self(added(self.0, "label", &format!("{key}:{value}")))
    }

    /// Those that were reported at this time or later.
    #[must_use]
    pub fn opened_since(self, since: DateTime<Utc>) -> Self {
        self.with("opened_since", time(since))
    }

    /// Those that were reported before this time.
    #[must_use]
    pub fn opened_until(self, until: DateTime<Utc>) -> Self {
        self.with("opened_until", time(until))
    }

    /// Those that were changed last at this time or later.
    #[must_use]
    pub fn updated_since(self, since: DateTime<Utc>) -> Self {
        self.with("updated_since", time(since))
    }

    /// Those that were changed last before this time.
    #[must_use]
    pub fn updated_until(self, until: DateTime<Utc>) -> Self {
        self.with("updated_until", time(until))
    }

    /// Those that were resolved at this time or later.
    #[must_use]
    pub fn resolved_since(self, since: DateTime<Utc>) -> Self {
        self.with("resolved_since", time(since))
    }

    /// Those that were resolved before this time.
    #[must_use]
    pub fn resolved_until(self, until: DateTime<Utc>) -> Self {
        self.with("resolved_until", time(until))
    }

    /// Those in whose title and description, or in one of whose comments, all these words are.
    #[must_use]
    pub fn words(self, words: impl Into<String>) -> Self {
        self.with("q", words.into())
    }

    /// Those that this saved view of yours shows, where nothing else is said.
    #[must_use]
    pub fn view(self, view: Uuid) -> Self {
        self.with("view", view.to_string())
    }

    /// Each with the last entries of its timeline.
    #[must_use]
    pub fn include_logs(self) -> Self {
        Self(added(self.0, "include", "logs"))
    }

    /// Each with its last tasks.
    #[must_use]
    pub fn include_tasks(self) -> Self {
        Self(added(self.0, "include", "tasks"))
    }

    /// In this order; the newest first if nothing is said.
    #[must_use]
    pub fn sort(self, by: IncidentSort, direction: Direction) -> Self {
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

    /// Which ones, whatever they are to look like.
    pub(crate) fn conditions(&self) -> Query {
        self.0.iter().filter(|(name, _)| !APPEARANCE.contains(name)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_again_is_replaced_and_what_adds_up_is_added() {
        let filter = IncidentFilter::default()
            .service("mail")
            .service("checkout")
            .label("team", "payments")
            .label("env", "prod")
            .include_logs()
            .include_tasks()
            .sort(IncidentSort::Priority, Direction::Descending);
        let expected = [
            ("service", "checkout"),
            ("label", "team:payments,env:prod"),
            ("include", "logs,tasks"),
            ("sort", "-priority"),
        ];
        assert_eq!(filter.query(), expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(filter.conditions(), filter.query()[..2]);
    }
}
