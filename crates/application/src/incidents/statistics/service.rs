//! Computing reports.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{NaiveDate, TimeDelta};
use incident_domain::{
    incidents::{IncidentId, IncidentTimes, StatisticsRepository},
    kernel::{Clock, TimeRange, Timestamp},
};
use tokio::sync::Semaphore;

use super::{
    Bucket, CachedReports, HoldTime, STATISTICS_BUCKETS_MAX, STATISTICS_INCIDENTS_MAX, ServiceLevels, Span,
    StatisticsError, StatisticsQuery, StatisticsReport,
    holds::Holds,
    samples::{Counts, Samples},
};
use crate::kernel::{KeyedLocks, Permission, Principal};

/// How many incidents are read at a time.
const INCIDENTS_PER_READ: u32 = 5_000;

/// How many incidents' transitions are read at a time: the limit of the port.
const STEPS_OF_INCIDENTS_MAX: usize = 500;

/// Computes reports, one at a time: each reads as many rows as there are incidents.
pub struct Statistics {
    repository: Arc<dyn StatisticsRepository>,
    clock: Arc<dyn Clock>,
    levels: ServiceLevels,
    cached: Option<CachedReports>,
    locks: KeyedLocks,
    computing: Semaphore,
}

impl Statistics {
    /// Makes a service with these service levels that computes every report.
    pub fn new(repository: Arc<dyn StatisticsRepository>, clock: Arc<dyn Clock>, levels: ServiceLevels) -> Self {
        let (locks, computing) = (KeyedLocks::new(), Semaphore::new(1));
        Self { repository, clock, levels, cached: None, locks, computing }
    }

    /// Keeps computed reports in a cache for a while, unless their lifetime is zero.
    #[must_use]
    pub fn cached_in(mut self, reports: CachedReports) -> Self {
        self.cached = Some(reports).filter(|reports| !reports.lifetime.is_zero());
        self
    }

    /// Returns the numbers about the incidents that a filter matches, computed now or a moment ago, as the report says.
    pub async fn report(
        &self,
        caller: &Principal,
        query: &StatisticsQuery,
    ) -> Result<StatisticsReport, StatisticsError> {
        caller.require(Permission::ReadIncidents)?;
        let Some(reports) = &self.cached else { return self.compute(query).await };
        let fingerprint = reports.fingerprint(query, &self.levels);
        // Of equal requests at the same time one computes the report, and the others find it in the cache.
        let _lock = self.locks.lock(fingerprint).await;
        if let Some(report) = reports.get(&fingerprint, &self.levels).await {
            return Ok(report);
        }
        let report = self.compute(query).await?;
        reports.put(&fingerprint, &report).await;
        Ok(report)
    }

    async fn compute(&self, query: &StatisticsQuery) -> Result<StatisticsReport, StatisticsError> {
        // The semaphore is never closed.
        let _permit = self.computing.acquire().await;
        let now = self.clock.now();
        let mut counts = Counts::default();
        let mut buckets: BTreeMap<_, Samples> = BTreeMap::new();
        let mut incidents = 0_u64;
        let mut after: Option<(Timestamp, IncidentId)> = None;
        loop {
            let times = self.repository.times(&query.filter, after, INCIDENTS_PER_READ).await?;
            let Some(last) = times.last() else { break };
            after = Some((last.opened_at, last.id));
            let is_last = times.len() < INCIDENTS_PER_READ as usize;
            incidents += times.len() as u64;
            if incidents > STATISTICS_INCIDENTS_MAX {
                return Err(StatisticsError::TooManyIncidents);
            }
            let holds = self.holds_of(&times, query.hold_time).await?;
            for times in times {
                let start = query.span.map(|span| span.start_of(times.opened_at, query.zone));
                let held = holds.of(times.id);
                buckets.entry(start).or_default().add(&times, held, &self.levels, now);
                counts.add(times);
            }
            if is_last {
                break;
            }
        }
        if let Some(span) = query.span {
            for at in ends(&query.filter.opened, now, buckets.is_empty()) {
                buckets.entry(Some(span.start_of(at, query.zone))).or_default();
            }
        }
        report(now, counts, buckets, query.span, &self.levels)
    }

    async fn holds_of(&self, times: &[IncidentTimes], hold_time: HoldTime) -> Result<Holds, StatisticsError> {
        let mut holds = Holds::default();
        if hold_time == HoldTime::LeftOut {
            let ids: Vec<IncidentId> = times.iter().map(|times| times.id).collect();
            for ids in ids.chunks(STEPS_OF_INCIDENTS_MAX) {
                holds.add(self.repository.status_steps(ids).await?);
            }
        }
        Ok(holds)
    }
}

/// Returns times in the first and the last span of a report, as far as the question says: it reaches from the asked start
/// to the asked end, or to now, also if no incident was opened there.
fn ends(asked: &TimeRange, now: Timestamp, is_empty: bool) -> Vec<Timestamp> {
    // The end is the first time after the range.
    let last = asked.until.map_or(now, |until| now.min(until - TimeDelta::microseconds(1)));
    match asked.since {
        Some(since) if since <= last => vec![since, last],
        None if asked.until.is_some() && !is_empty => vec![last],
        _ => Vec::new(),
    }
}

/// Makes a report of what was counted.
fn report(
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

/// Makes a bucket for each span between the first and the last one, those without incidents included.
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
