//! The numbers of a report.

use chrono::NaiveDate;
use incident_domain::{
    incidents::{Priority, Status},
    kernel::{Label, Timestamp, UserId},
};

use super::ServiceLevel;

/// The numbers about some incidents.
#[derive(Clone, Debug, PartialEq)]
pub struct StatisticsReport {
    /// When its computation began; what was stored before is in it.
    pub computed_at: Timestamp,
    /// All of them together.
    pub overall: Numbers,
    /// How many there are by status, priority, service and assignee.
    pub breakdown: Breakdown,
    /// The numbers of each span in which incidents were opened, spans without incidents included.
    pub buckets: Vec<Bucket>,
}

/// The numbers about incidents that were opened in one span.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Their numbers.
    pub numbers: Numbers,
}

/// How many incidents there are by status, priority, service and assignee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// By status, those of no incident included.
    pub by_status: Vec<Counted<Status>>,
    /// By priority, those of no incident included.
    pub by_priority: Vec<Counted<Priority>>,
    /// By service, for the 100 most frequent ones.
    pub by_service: Vec<Counted<Option<Label>>>,
    /// By assignee, for the 100 most frequent ones.
    pub by_assignee: Vec<Counted<Option<UserId>>>,
}

/// How many incidents have a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted<T> {
    /// The value.
    pub of: T,
    /// How many.
    pub count: u64,
}

/// The numbers about some incidents.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    /// How many.
    pub incidents: u64,
    /// How many of them were reopened at least once.
    pub reopened: u64,
    /// From their opening until they were acknowledged.
    pub acknowledge: Durations,
    /// From their opening until they were mitigated.
    pub mitigate: Durations,
    /// From their opening until they were resolved, for the last time if they were reopened.
    pub resolve: Durations,
    /// The service levels and their breaches, for each priority.
    pub levels: Vec<ServiceLevelNumbers>,
}

impl Numbers {
    /// Returns the share of the incidents that were reopened; `None` if there are no incidents.
    #[expect(clippy::cast_precision_loss, reason = "there are not that many incidents")]
    pub fn reopen_rate(&self) -> Option<f64> {
        (self.incidents > 0).then(|| self.reopened as f64 / self.incidents as f64)
    }
}

/// How long something took, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Durations {
    /// For how many incidents it is known.
    pub count: u64,
    /// The mean.
    pub mean_seconds: Option<f64>,
    /// The median, interpolated between the two nearest samples.
    pub p50_seconds: Option<f64>,
    /// The 95th percentile, interpolated between the two nearest samples.
    pub p95_seconds: Option<f64>,
}

/// The service level of one priority, and its breaches. Cancelled incidents do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceLevelNumbers {
    /// The priority.
    pub priority: Priority,
    /// The service level.
    pub level: ServiceLevel,
    /// How many incidents there are.
    pub incidents: u64,
    /// How many were acknowledged too late, or should be acknowledged by now and are not.
    pub acknowledge_breaches: u64,
    /// How many were resolved too late, or should be resolved by now and are not.
    pub resolve_breaches: u64,
}
