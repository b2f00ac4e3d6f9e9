//! The numbers themselves.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use incident_domain::{Label, Priority, Status, Timestamp, UserId};

use super::{
    STATISTICS_BUCKETS_MAX, ServiceLevel, ServiceLevels, Span, StatisticsError,
    numbers::{Counts, Samples},
};

/// The numbers about some incidents.
#[derive(Clone, Debug, PartialEq)]
pub struct StatisticsReport {
    /// When it began to be computed: what was stored before is in it.
    pub computed_at: Timestamp,
    /// All of them together.
    pub overall: Numbers,
    /// How many there are of each kind.
    pub breakdown: Breakdown,
    /// Those opened in one span after the other, those without any included.
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

/// How many incidents there are of each kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// Of each status, also those that none has.
    pub by_status: Vec<Counted<Status>>,
    /// Of each priority, also those that none has.
    pub by_priority: Vec<Counted<Priority>>,
    /// Of the 100 most frequent services.
    pub by_service: Vec<Counted<Option<Label>>>,
    /// Of the 100 most frequent assignees.
    pub by_assignee: Vec<Counted<Option<UserId>>>,
}

/// How many there are of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted<T> {
    /// Which kind.
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
    /// From their opening until somebody took them up.
    pub acknowledge: Durations,
    /// From their opening until the harm stopped.
    pub mitigate: Durations,
    /// From their opening until they were resolved; of reopened ones, for the last time.
    pub resolve: Durations,
    /// What was promised and what was kept, for each priority.
    pub levels: Vec<ServiceLevelNumbers>,
}

impl Numbers {
    /// Which part of the incidents was reopened; of none, there is none.
    #[expect(clippy::cast_precision_loss, reason = "there are not that many incidents")]
    pub fn reopen_rate(&self) -> Option<f64> {
        (self.incidents > 0).then(|| self.reopened as f64 / self.incidents as f64)
    }
}

/// How long something took, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Durations {
    /// Of how many incidents it is known.
    pub count: u64,
    /// The mean.
    pub mean_seconds: Option<f64>,
    /// The median, in proportion between the two nearest.
    pub p50_seconds: Option<f64>,
    /// The 95th percentile, in proportion between the two nearest.
    pub p95_seconds: Option<f64>,
}

/// What was promised about incidents of one priority, and what was kept. Cancelled ones do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceLevelNumbers {
    /// Which priority.
    pub priority: Priority,
    /// What was promised.
    pub level: ServiceLevel,
    /// How many incidents there are.
    pub incidents: u64,
    /// How many were acknowledged too late, or are not yet though they should be.
    pub acknowledge_breaches: u64,
    /// How many were resolved too late, or are not yet though they should be.
    pub resolve_breaches: u64,
}

/// Puts a report together.
pub(super) fn report(
    computed_at: Timestamp,
    counts: Counts,
    buckets: BTreeMap<Option<NaiveDate>, Samples>,
    span: Option<Span>,
    levels: &ServiceLevels,
) -> Result<StatisticsReport, StatisticsError> {
    let mut overall = Samples::default();
    for samples in buckets.values() {
        overall.append(samples);
    }
    let overall = overall.into_numbers(levels);
    let buckets = match span {
        Some(span) => without_gaps(buckets, span, levels)?,
        None => Vec::new(),
    };
    Ok(StatisticsReport { computed_at, overall, breakdown: counts.into_breakdown(), buckets })
}

fn without_gaps(
    mut samples: BTreeMap<Option<NaiveDate>, Samples>,
    span: Span,
    levels: &ServiceLevels,
) -> Result<Vec<Bucket>, StatisticsError> {
    let last = samples.keys().next_back().copied().flatten();
    let mut start = samples.keys().next().copied().flatten();
    let mut buckets = Vec::new();
    while let Some(starts_on) = start {
        if buckets.len() == STATISTICS_BUCKETS_MAX {
            return Err(StatisticsError::TooManyBuckets);
        }
        let numbers = samples.remove(&Some(starts_on)).unwrap_or_default().into_numbers(levels);
        buckets.push(Bucket { starts_on, numbers });
        start = if Some(starts_on) == last { None } else { span.next(starts_on) };
    }
    Ok(buckets)
}
