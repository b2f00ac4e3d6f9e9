//! The body of statistics about incidents.

use chrono::{DateTime, NaiveDate, Utc};
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

use super::names::{PriorityName, StatusName};
use crate::shown::{Shown, body_of};

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

body_of! {
    /// The numbers about incidents that were reported in one period.
    #[schema(as = IncidentStatisticsBucket)]
    struct BucketBody from bucket: Bucket {
        /// The first day of the period.
        #[schema(value_type = String, format = "date", example = "2026-03-30")]
        starts_on: NaiveDate,
        #[serde(flatten)]
        numbers: NumbersBody,
    }
}

body_of! {
    /// The numbers about some incidents.
    #[schema(as = IncidentNumbers)]
    struct NumbersBody from numbers: Numbers {
        /// The number of incidents.
        incidents: u64,
        /// The number of incidents that were reopened at least once.
        reopened: u64,
        /// The share of incidents that were reopened; `null` if there are no incidents.
        #[schema(minimum = 0, maximum = 1)]
        reopen_rate: Option<f64> = numbers.reopen_rate(),
        /// From the report until the acknowledgement.
        time_to_acknowledge: DurationsBody = numbers.acknowledge.into(),
        /// From the report until the mitigation.
        time_to_mitigate: DurationsBody = numbers.mitigate.into(),
        /// From the report until the last resolution.
        time_to_resolve: DurationsBody = numbers.resolve.into(),
        /// The service levels by priority. Cancelled incidents do not count.
        service_levels: Vec<ServiceLevelBody> = numbers.levels.shown(),
    }
}

body_of! {
    /// Durations in seconds.
    #[schema(as = Durations)]
    struct DurationsBody from durations: Durations {
        /// The number of incidents with a known duration.
        count: u64,
        mean_seconds: Option<f64>,
        /// The median, interpolated between the two nearest values.
        p50_seconds: Option<f64>,
        /// The 95th percentile, interpolated between the two nearest values.
        p95_seconds: Option<f64>,
    }
}

body_of! {
    /// The service level of incidents of one priority.
    #[schema(as = ServiceLevel)]
    struct ServiceLevelBody from numbers: ServiceLevelNumbers {
        priority: PriorityName,
        /// The number of incidents, without cancelled ones.
        incidents: u64,
        /// The time within which they must be acknowledged; `null` if there is no target.
        acknowledge_target_seconds: Option<i64> = numbers.level.acknowledge.map(|target| target.num_seconds()),
        /// The number of incidents that were acknowledged too late or are overdue.
        acknowledge_breaches: u64,
        /// The time within which they must be resolved; `null` if there is no target.
        resolve_target_seconds: Option<i64> = numbers.level.resolve.map(|target| target.num_seconds()),
        /// The number of incidents that were resolved too late or are overdue.
        resolve_breaches: u64,
    }
}

#[derive(Serialize, ToSchema)]
struct StatusCount {
    status: StatusName,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct PriorityCount {
    priority: PriorityName,
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
        let status = |Counted { of, count }: Counted<Status>| StatusCount { status: of.into(), count };
        let priority = |Counted { of, count }: Counted<Priority>| PriorityCount { priority: of.into(), count };
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
