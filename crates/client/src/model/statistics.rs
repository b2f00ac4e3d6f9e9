//! The numbers about incidents.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::names::{Priority, Status};

/// The numbers about some incidents.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct IncidentStatistics {
    /// When they were computed: what was stored before is in them.
    pub computed_at: DateTime<Utc>,
    /// All of them together.
    #[serde(flatten)]
    pub overall: IncidentNumbers,
    /// How many there are of each status.
    pub by_status: Vec<StatusCount>,
    /// How many there are of each priority.
    pub by_priority: Vec<PriorityCount>,
    /// How many there are of the most frequent services.
    pub by_service: Vec<ServiceCount>,
    /// How many there are of the most frequent assignees.
    pub by_assignee: Vec<AssigneeCount>,
    /// One span after the other, if they were to be told apart.
    pub buckets: Vec<IncidentStatisticsBucket>,
}

/// The numbers about incidents that were reported in one span.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct IncidentStatisticsBucket {
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Their numbers.
    #[serde(flatten)]
    pub numbers: IncidentNumbers,
}

/// How many, how long, how often again, and what was promised.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct IncidentNumbers {
    /// How many.
    pub incidents: u64,
    /// How many of them were reopened at least once.
    pub reopened: u64,
    /// The part of them that was reopened; of none, there is none.
    pub reopen_rate: Option<f64>,
    /// From their report until somebody took them up.
    pub time_to_acknowledge: Durations,
    /// From their report until the harm stopped.
    pub time_to_mitigate: Durations,
    /// From their report until they were resolved, the last time.
    pub time_to_resolve: Durations,
    /// What was promised and what was kept, for each priority.
    pub service_levels: Vec<ServiceLevel>,
}

/// How long something took, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Durations {
    /// Of how many incidents it is known.
    pub count: u64,
    /// The mean.
    pub mean_seconds: Option<f64>,
    /// The median.
    pub p50_seconds: Option<f64>,
    /// The 95th percentile.
    pub p95_seconds: Option<f64>,
}

/// A promise about incidents of one priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ServiceLevel {
    /// Which priority.
    pub priority: Priority,
    /// How many incidents there are, without the cancelled ones.
    pub incidents: u64,
    /// Within how many seconds they are to be acknowledged.
    pub acknowledge_target_seconds: Option<i64>,
    /// How many were acknowledged too late, or should have been by then.
    pub acknowledge_breaches: u64,
    /// Within how many seconds they are to be resolved.
    pub resolve_target_seconds: Option<i64>,
    /// How many were resolved too late, or should have been by then.
    pub resolve_breaches: u64,
}

/// How many there are of one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct StatusCount {
    /// Which status.
    pub status: Status,
    /// How many.
    pub count: u64,
}

/// How many there are of one priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PriorityCount {
    /// Which priority.
    pub priority: Priority,
    /// How many.
    pub count: u64,
}

/// How many there are of one service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ServiceCount {
    /// Which service; those without one if there is none.
    pub service: Option<String>,
    /// How many.
    pub count: u64,
}

/// How many there are of one assignee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AssigneeCount {
    /// Whose; those of nobody if there is none.
    pub assigned_to: Option<Uuid>,
    /// How many.
    pub count: u64,
}
