//! What is measured of jobs.

use std::time::Duration;

use incident_domain::kernel::{JobCounts, JobKind};

/// The name of the metric of the numbers of [`JobMetrics::queue`], by kind and state.
pub const JOBS_METRIC: &str = "incident_jobs";

/// The name of the metric of the age of [`JobMetrics::queue`], by kind.
pub const OLDEST_DUE_METRIC: &str = "incident_jobs_oldest_due_seconds";

/// Something that happened to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobEvent {
    /// A worker of this process claimed it.
    Claimed,
    /// It was completed.
    Completed,
    /// An attempt failed, and it will be tried again.
    Failed,
    /// The last attempt failed, and it is dead.
    Dead,
    /// Another worker claimed it after its lease expired, or it was run again, so the result was dropped.
    Lost,
    /// It was handed back without a result.
    HandedBack,
}

impl JobEvent {
    /// Every event.
    pub const ALL: [Self; 6] = [Self::Claimed, Self::Completed, Self::Failed, Self::Dead, Self::Lost, Self::HandedBack];

    /// Returns the name of the metric that counts it, by kind.
    pub const fn metric(self) -> &'static str {
        match self {
            Self::Claimed => "incident_jobs_claimed_total",
            Self::Completed => "incident_jobs_completed_total",
            Self::Failed => "incident_jobs_failed_total",
            Self::Dead => "incident_jobs_dead_total",
            Self::Lost => "incident_jobs_lost_total",
            Self::HandedBack => "incident_jobs_handed_back_total",
        }
    }

    /// Returns the description of that metric.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Claimed => "Jobs that this process claimed, by kind.",
            Self::Completed => "Jobs that were completed, by kind.",
            Self::Failed => "Attempts that failed and are repeated, by kind.",
            Self::Dead => "Jobs whose last attempt failed, by kind.",
            Self::Lost => "Results that were dropped because the lease was lost, by kind.",
            Self::HandedBack => "Jobs that were handed back untried or unfinished, by kind.",
        }
    }
}

/// Measures what happens to jobs.
pub trait JobMetrics: Send + Sync {
    /// Counts an event of a job.
    fn count(&self, kind: &JobKind, event: JobEvent);

    /// Sets how many jobs of a kind there are, and for how long the oldest open one has been due; zero if none is due.
    fn queue(&self, counts: &JobCounts, oldest_due: Duration);
}

/// Measures nothing.
impl JobMetrics for () {
    fn count(&self, _: &JobKind, _: JobEvent) {}

    fn queue(&self, _: &JobCounts, _: Duration) {}
}
