//! Statistics about incidents.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{
    incident::IncidentFilter,
    names::{Priority, Status},
};
use crate::kernel::{collection::resource, error::ClientError, fields::fields, names::names};

names! {
    /// A period of the calendar.
    Span {
        /// From midnight to midnight.
        Day,
        /// From Monday to Sunday.
        Week,
        Month,
    }
}

fields! {
    /// What to compute statistics about. The default is all incidents together.
    StatisticsQuery {
        /// Groups the incidents by the period in which they were reported.
        by: Span,
        /// The time zone of the periods: a name of the IANA database, such as `Europe/Berlin`.
        time_zone: &str,
        /// Whether time on hold counts; it does by default.
        include_hold_time: bool,
    }
}

impl StatisticsQuery {
    /// Computes statistics about the incidents that fulfil these conditions; full-text conditions are not supported.
    pub fn of(filter: &IncidentFilter) -> Self {
        Self(filter.conditions())
    }
}

/// Statistics about incidents.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct IncidentStatistics {
    /// When they were computed: they include everything stored before.
    pub computed_at: DateTime<Utc>,
    /// The numbers of all incidents.
    #[serde(flatten)]
    pub overall: IncidentNumbers,
    /// The number of incidents by status.
    pub by_status: Vec<StatusCount>,
    /// The number of incidents by priority.
    pub by_priority: Vec<PriorityCount>,
    /// The number of incidents of the most frequent services.
    pub by_service: Vec<ServiceCount>,
    /// The number of incidents of the most frequent assignees.
    pub by_assignee: Vec<AssigneeCount>,
    /// The periods in order, if the query groups by period.
    pub buckets: Vec<IncidentStatisticsBucket>,
}

/// The numbers of incidents that were reported in one period.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct IncidentStatisticsBucket {
    /// The first day of the period.
    pub starts_on: NaiveDate,
    #[serde(flatten)]
    pub numbers: IncidentNumbers,
}

/// Counts, durations and service levels.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct IncidentNumbers {
    pub incidents: u64,
    /// How many of them were reopened at least once.
    pub reopened: u64,
    /// The fraction that was reopened; none without incidents.
    pub reopen_rate: Option<f64>,
    /// From the report to the acknowledgement.
    pub time_to_acknowledge: Durations,
    /// From the report to the mitigation.
    pub time_to_mitigate: Durations,
    /// From the report to the last resolution.
    pub time_to_resolve: Durations,
    /// Targets and breaches for each priority.
    pub service_levels: Vec<ServiceLevel>,
}

/// The distribution of a duration, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Durations {
    pub count: u64,
    pub mean_seconds: Option<f64>,
    pub p50_seconds: Option<f64>,
    pub p95_seconds: Option<f64>,
}

/// The service level of one priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ServiceLevel {
    pub priority: Priority,
    /// The number of incidents, without cancelled ones.
    pub incidents: u64,
    /// The seconds within which they should be acknowledged.
    pub acknowledge_target_seconds: Option<i64>,
    /// How many were acknowledged too late, or are overdue.
    pub acknowledge_breaches: u64,
    /// The seconds within which they should be resolved.
    pub resolve_target_seconds: Option<i64>,
    /// How many were resolved too late, or are overdue.
    pub resolve_breaches: u64,
}

/// The number of incidents with one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct StatusCount {
    pub status: Status,
    pub count: u64,
}

/// The number of incidents with one priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PriorityCount {
    pub priority: Priority,
    pub count: u64,
}

/// The number of incidents of one service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ServiceCount {
    /// The service; none for incidents without one.
    pub service: Option<String>,
    pub count: u64,
}

/// The number of incidents of one assignee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AssigneeCount {
    /// The assignee; none for unassigned incidents.
    pub assigned_to: Option<Uuid>,
    pub count: u64,
}

resource! {
    /// Statistics about incidents.
    statistics() -> Statistics of IncidentStatistics at ["stats"];
}

impl Statistics {
    /// Returns counts, durations, reopen rate and service levels; `computed_at` tells how old they are.
    pub async fn incidents(&self, query: &StatisticsQuery) -> Result<IncidentStatistics, ClientError> {
        self.transport.get(&Self::path(&["incidents"]), query.as_ref()).await
    }
}
