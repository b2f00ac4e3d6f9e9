//! Which items of a list.

use chrono::{DateTime, SecondsFormat, Utc};
use uuid::Uuid;

use crate::names::{Outcome, Priority, Status};

/// The parameters of a query.
pub(crate) type Query = Vec<(&'static str, String)>;

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

    /// Each with the last entries of its timeline.
    #[must_use]
    pub fn include_logs(self) -> Self {
        self.with("include", "logs".to_owned())
    }

    /// How many are fetched at a time, from 1 to 200.
    #[must_use]
    pub fn page_size(self, size: u32) -> Self {
        self.with("page_size", size.to_string())
    }

    /// A condition that this release of the client has no method for.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value));
        self
    }

    pub(crate) fn query(&self) -> Query {
        self.0.clone()
    }
}

/// Which actions of the audit; conditions are joined by "and". The default is all that you may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionFilter(Query);

impl ActionFilter {
    /// Those of this user.
    #[must_use]
    pub fn actor(self, user: Uuid) -> Self {
        self.with("actor", user.to_string())
    }

    /// Those of this kind, such as `auth.sign_in`.
    #[must_use]
    pub fn kind(self, kind: impl Into<String>) -> Self {
        self.with("kind", kind.into())
    }

    /// Those done to this, such as `incident:…`.
    #[must_use]
    pub fn target(self, target: impl Into<String>) -> Self {
        self.with("target", target.into())
    }

    /// Those that ended so.
    #[must_use]
    pub fn outcome(self, outcome: Outcome) -> Self {
        self.with("outcome", outcome.to_string())
    }

    /// Those at this time or later.
    #[must_use]
    pub fn since(self, since: DateTime<Utc>) -> Self {
        self.with("since", since.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    /// Those before this time.
    #[must_use]
    pub fn until(self, until: DateTime<Utc>) -> Self {
        self.with("until", until.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, value));
        self
    }

    pub(crate) fn query(&self) -> Query {
        self.0.clone()
    }
}

fn several(names: &[impl ToString]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
