//! What numbers are to be about.

use super::{IncidentFilter, Query, replaced};
use crate::names::Span;

/// What numbers are to be about. The default is all incidents together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatisticsQuery {
    filter: IncidentFilter,
    parameters: Query,
}

impl StatisticsQuery {
    /// About the incidents that fulfil these conditions; words are not looked for.
    pub fn of(filter: IncidentFilter) -> Self {
        Self { filter, parameters: Query::new() }
    }

    /// Told apart by when they were reported.
    #[must_use]
    pub fn by(self, span: Span) -> Self {
        self.with("by", span.to_string())
    }

    /// Days begin and end as they do here: a name of the IANA time zone database, such as `Europe/Berlin`.
    #[must_use]
    pub fn time_zone(self, zone: impl Into<String>) -> Self {
        self.with("time_zone", zone.into())
    }

    /// Time on hold does not count.
    #[must_use]
    pub fn without_hold_time(self) -> Self {
        self.with("include_hold_time", false.to_string())
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.parameters = replaced(self.parameters, name, value);
        self
    }

    pub(crate) fn query(&self) -> Query {
        let mut query = self.filter.conditions();
        query.extend(self.parameters.iter().cloned());
        query
    }
}
