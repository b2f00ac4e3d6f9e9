//! The body of statistics about incidents.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use incident_application::incidents::{
    Breakdown, Bucket, Counted, Durations, Numbers, ServiceLevelNumbers, StatisticsReport,
};
use incident_domain::{
    incidents::{Priority, Status},
    kernel::{Label, UserId},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{PriorityName, StatusName};

/// Statistics about incidents.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentStatistics)]
pub(super) struct ReportBody {
    /// When they were computed. They include everything stored before.
    computed_at: DateTime<Utc>,
    #[serde(flatten)]
    overall: NumbersBody,
    /// The number of incidents by status.
    by_status: Vec<StatusCount>,
    /// The number of incidents by priority.
    by_priority: Vec<PriorityCount>,
    /// The number of incidents of the 100 most frequent services, in descending order; `null` for those without.
    by_service: Vec<ServiceCount>,
    /// The number of incidents of the 100 most frequent assignees, in descending order; `null` for those without.
    by_assignee: Vec<AssigneeCount>,
    /// The same numbers by period, if `by` is given; periods without incidents are included.
    buckets: Vec<BucketBody>,
}

/// The numbers about incidents that were reported in one period.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentStatisticsBucket)]
struct BucketBody {
    /// The first day of the period.
    #[schema(value_type = String, format = "date", example = "2026-03-30")]
    starts_on: NaiveDate,
    #[serde(flatten)]
    numbers: NumbersBody,
}

/// The numbers about some incidents.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentNumbers)]
struct NumbersBody {
    /// The number of incidents.
    incidents: u64,
    /// The number of incidents that were reopened at least once.
    reopened: u64,
    /// The share of incidents that were reopened; `null` if there are no incidents.
    #[schema(minimum = 0, maximum = 1)]
    reopen_rate: Option<f64>,
    /// From the report until the acknowledgement.
    time_to_acknowledge: DurationsBody,
    /// From the report until the mitigation.
    time_to_mitigate: DurationsBody,
    /// From the report until the last resolution.
    time_to_resolve: DurationsBody,
    /// The service levels by priority. Cancelled incidents do not count.
    service_levels: Vec<ServiceLevelBody>,
}

/// Durations in seconds.
#[derive(Serialize, ToSchema)]
#[schema(as = Durations)]
struct DurationsBody {
    /// The number of incidents with a known duration.
    count: u64,
    mean_seconds: Option<f64>,
    /// The median, interpolated between the two nearest values.
    p50_seconds: Option<f64>,
    /// The 95th percentile, interpolated between the two nearest values.
    p95_seconds: Option<f64>,
}

/// The service level of incidents of one priority.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceLevel)]
struct ServiceLevelBody {
    #[schema(value_type = PriorityName)]
    priority: &'static str,
    /// The number of incidents, without cancelled ones.
    incidents: u64,
    /// The time within which they must be acknowledged; `null` if there is no target.
    acknowledge_target_seconds: Option<i64>,
    /// The number of incidents that were acknowledged too late or are overdue.
    acknowledge_breaches: u64,
    /// The time within which they must be resolved; `null` if there is no target.
    resolve_target_seconds: Option<i64>,
    /// The number of incidents that were resolved too late or are overdue.
    resolve_breaches: u64,
}

#[derive(Serialize, ToSchema)]
struct StatusCount {
    #[schema(value_type = StatusName)]
    status: &'static str,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct PriorityCount {
    #[schema(value_type = PriorityName)]
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
        let status = |Counted { of, count }: Counted<Status>| StatusCount { status: of.as_str(), count };
        let priority = |Counted { of, count }: Counted<Priority>| PriorityCount { priority: of.as_str(), count };
        let service = |Counted { of, count }: Counted<Option<Label>>| {
            let service = of.map(Label::into);
            ServiceCount { service, count }
        };
        let assignee = |Counted { of, count }: Counted<Option<UserId>>| {
            let assigned_to = of.map(UserId::as_uuid);
            AssigneeCount { assigned_to, count }
        };
        Self {
            computed_at,
            overall: overall.into(),
            by_status: by_status.into_iter().map(status).collect(),
            by_priority: by_priority.into_iter().map(priority).collect(),
            by_service: by_service.into_iter().map(service).collect(),
            by_assignee: by_assignee.into_iter().map(assignee).collect(),
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
        let seconds = |target: Option<TimeDelta>| target.map(|target| target.num_seconds());
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
