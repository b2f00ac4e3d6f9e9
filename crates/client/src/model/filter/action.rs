//! Which actions of the audit.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Query, replaced, time};
use crate::names::Outcome;

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
        self.with("since", time(since))
    }

    /// Those before this time.
    #[must_use]
    pub fn until(self, until: DateTime<Utc>) -> Self {
        self.with("until", time(until))
    }

    /// The oldest first.
    #[must_use]
    pub fn oldest_first(self) -> Self {
        self.with("sort", "at".to_owned())
    }

    fn with(self, name: &'static str, value: String) -> Self {
        Self(replaced(self.0, name, value))
    }

    pub(crate) fn query(&self) -> Query {
        self.0.clone()
    }
}
