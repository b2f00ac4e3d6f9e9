//! The numbers, as the API shows them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use incident_application::{Breakdown, Bucket, Counted, Durations, Numbers, ServiceLevelNumbers, StatisticsReport};
use incident_domain::{Label, UserId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::names;

/// The numbers about some incidents.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentStatistics)]
pub(crate) struct ReportBody {
    /// When they were computed: what was stored before is in them. Lately computed ones are answered again.
    computed_at: DateTime<Utc>,
    #[serde(flatten)]
    overall: NumbersBody,
    /// How many there are of each status.
    by_status: Vec<StatusCount>,
    /// How many there are of each priority.
    by_priority: Vec<PriorityCount>,
    /// How many there are of the 100 most frequent services, the most first; `null` for those without.
    by_service: Vec<ServiceCount>,
    /// How many there are of the 100 most frequent assignees, the most first; `null` for those without.
    by_assignee: Vec<AssigneeCount>,
    /// The same numbers for one span after the other, when `by` was given: those without incidents included.
    buckets: Vec<BucketBody>,
}

/// The numbers about incidents that were reported in one span.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentStatisticsBucket)]
pub(crate) struct BucketBody {
    /// Its first day.
    #[schema(value_type = String, format = "date", example = "2026-03-30")]
    starts_on: NaiveDate,
    #[serde(flatten)]
    numbers: NumbersBody,
}

/// The numbers about some incidents.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentNumbers)]
pub(crate) struct NumbersBody {
    /// How many.
    incidents: u64,
    /// How many of them were reopened at least once.
    reopened: u64,
    /// The part of them that was reopened; `null` when there is none.
    #[schema(minimum = 0, maximum = 1)]
    reopen_rate: Option<f64>,
    /// From their report until somebody took them up.
    time_to_acknowledge: DurationsBody,
    /// From their report until the harm stopped.
    time_to_mitigate: DurationsBody,
    /// From their report until they were resolved, the last time.
    time_to_resolve: DurationsBody,
    /// What was promised and what was kept, for each priority. Cancelled incidents do not count.
    service_levels: Vec<ServiceLevelBody>,
}

/// How long something took, in seconds.
#[derive(Serialize, ToSchema)]
#[schema(as = Durations)]
pub(crate) struct DurationsBody {
    /// Of how many incidents it is known.
    count: u64,
    mean_seconds: Option<f64>,
    /// The median, in proportion between the two nearest.
    p50_seconds: Option<f64>,
    /// The 95th percentile, in proportion between the two nearest.
    p95_seconds: Option<f64>,
}

/// A promise about incidents of one priority.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceLevel)]
pub(crate) struct ServiceLevelBody {
    #[schema(value_type = names::PriorityName)]
    priority: &'static str,
    /// How many incidents there are, without the cancelled ones.
    incidents: u64,
    /// Within how many seconds they are to be acknowledged; `null` when nothing is promised.
    acknowledge_target_seconds: Option<i64>,
    /// How many were acknowledged too late, or should have been by now.
    acknowledge_breaches: u64,
    /// Within how many seconds they are to be resolved; `null` when nothing is promised.
    resolve_target_seconds: Option<i64>,
    /// How many were resolved too late, or should have been by now.
    resolve_breaches: u64,
}

#[derive(Serialize, ToSchema)]
struct StatusCount {
    #[schema(value_type = names::StatusName)]
    status: &'static str,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct PriorityCount {
    #[schema(value_type = names::PriorityName)]
    priority: &'static str,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct ServiceCount {
    service: Option<String>,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct AssigneeCount {
    assigned_to: Option<Uuid>,
    count: u64,
}

impl From<StatisticsReport> for ReportBody {
    fn from(StatisticsReport { computed_at, overall, breakdown, buckets }: StatisticsReport) -> Self {
        let Breakdown { by_status, by_priority, by_service, by_assignee } = breakdown;
        let by_status = by_status.into_iter();
        let by_priority = by_priority.into_iter();
        Self {
            computed_at,
            overall: overall.into(),
            by_status: by_status.map(|Counted { of, count }| StatusCount { status: of.as_str(), count }).collect(),
            by_priority: by_priority
                .map(|Counted { of, count }| PriorityCount { priority: of.as_str(), count })
                .collect(),
            by_service: by_service
                .into_iter()
                .map(|Counted { of, count }| ServiceCount { service: of.map(Label::into), count })
                .collect(),
            by_assignee: by_assignee
                .into_iter()
                .map(|Counted { of, count }| AssigneeCount { assigned_to: of.map(UserId::as_uuid), count })
                .collect(),
            buckets: buckets.into_iter().map(BucketBody::from).collect(),
        }
    }
}

impl From<Bucket> for BucketBody {
    fn from(Bucket { starts_on, numbers }: Bucket) -> Self {
        Self { starts_on, numbers: numbers.into() }
    }
}

impl From<Numbers> for NumbersBody {
    fn from(numbers: Numbers) -> Self {
        Self {
            incidents: numbers.incidents,
            reopened: numbers.reopened,
            reopen_rate: numbers.reopen_rate(),
            time_to_acknowledge: numbers.acknowledge.into(),
            time_to_mitigate: numbers.mitigate.into(),
            time_to_resolve: numbers.resolve.into(),
            service_levels: numbers.levels.into_iter().map(ServiceLevelBody::from).collect(),
        }
    }
}

impl From<Durations> for DurationsBody {
    fn from(Durations { count, mean_seconds, p50_seconds, p95_seconds }: Durations) -> Self {
        Self { count, mean_seconds, p50_seconds, p95_seconds }
    }
}

impl From<ServiceLevelNumbers> for ServiceLevelBody {
    fn from(numbers: ServiceLevelNumbers) -> Self {
        let seconds = |promised: Option<TimeDelta>| promised.map(|promised| promised.num_seconds());
        Self {
            priority: numbers.priority.as_str(),
            incidents: numbers.incidents,
            acknowledge_target_seconds: seconds(numbers.level.acknowledge),
            acknowledge_breaches: numbers.acknowledge_breaches,
            resolve_target_seconds: seconds(numbers.level.resolve),
            resolve_breaches: numbers.resolve_breaches,
        }
    }
}
