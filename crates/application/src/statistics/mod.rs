//! The numbers about incidents: how many, how long, how often again, and what was promised. They are computed here and
//! not by the databases, so that every store gives the same.

mod error;
mod holds;
mod kept;
mod levels;
mod numbers;
mod remembered;
mod report;
mod span;

use std::{collections::BTreeMap, sync::Arc};

use chrono_tz::Tz;
use incident_domain::{
    IncidentFilter, IncidentId, IncidentTimes, Role, Timestamp,
    ports::{Clock, StatisticsRepository},
};
use tokio::sync::Semaphore;

pub use error::StatisticsError;
pub use levels::{ServiceLevel, ServiceLevels};
pub use remembered::RememberedReports;
pub use report::{Breakdown, Bucket, Counted, Durations, Numbers, ServiceLevelNumbers, StatisticsReport};
pub use span::Span;

use crate::{Caller, line_up::Queues};
use holds::Holds;
use numbers::{Counts, Samples};

/// The most incidents that one report is about.
pub const STATISTICS_INCIDENTS_MAX: u64 = 2_000_000;

/// The most spans that one report has.
pub const STATISTICS_BUCKETS_MAX: usize = 400;

/// How many incidents are read at a time.
const INCIDENTS_PER_READ: u32 = 5_000;

/// How many incidents' steps are read at a time: what the port takes.
const STEPS_OF_INCIDENTS_MAX: usize = 500;

/// Whether time counts during which incidents waited for somebody else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HoldTime {
    /// It counts.
    #[default]
    Counted,
    /// It does not.
    LeftOut,
}

/// What a report is to be about.
#[derive(Clone, Debug)]
pub struct StatisticsQuery {
    /// Which incidents; `text` is not looked at.
    pub filter: IncidentFilter,
    /// Into which spans of time they are told apart, by when they were opened; `None` for all together.
    pub span: Option<Span>,
    /// Where days begin and end.
    pub zone: Tz,
    /// Whether time on hold counts.
    pub hold_time: HoldTime,
}

/// Computes reports, one at a time: each reads as many rows as there are incidents.
pub struct Statistics {
    repository: Arc<dyn StatisticsRepository>,
    clock: Arc<dyn Clock>,
    levels: ServiceLevels,
    remembered: Option<RememberedReports>,
    queues: Queues,
    turn: Semaphore,
}

impl Statistics {
    /// A service that judges by these levels, and computes every report anew.
    pub fn new(repository: Arc<dyn StatisticsRepository>, clock: Arc<dyn Clock>, levels: ServiceLevels) -> Self {
        Self { repository, clock, levels, remembered: None, queues: Queues::new(), turn: Semaphore::new(1) }
    }

    /// Answers again for a while what was computed; nothing is remembered for a lifetime of nothing.
    #[must_use]
    pub fn remembering(mut self, reports: RememberedReports) -> Self {
        self.remembered = Some(reports).filter(|reports| !reports.lifetime.is_zero());
        self
    }

    /// The numbers about the incidents that a filter matches, computed now or a moment ago, as the report says.
    pub async fn report(&self, caller: &Caller, query: &StatisticsQuery) -> Result<StatisticsReport, StatisticsError> {
        caller.require(Role::Viewer)?;
        let Some(reports) = &self.remembered else { return self.compute(query).await };
        let fingerprint = reports.fingerprint(query, &self.levels);
        // Of equal requests at the same time one computes; those who waited find what it has found out.
        let _equals = self.queues.line_up(fingerprint).await;
        if let Some(report) = reports.recall(&fingerprint, &self.levels).await {
            return Ok(report);
        }
        let report = self.compute(query).await?;
        reports.remember(&fingerprint, &report).await;
        Ok(report)
    }

    async fn compute(&self, query: &StatisticsQuery) -> Result<StatisticsReport, StatisticsError> {
        // Nobody closes the semaphore.
        let _turn = self.turn.acquire().await;
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
        report::report(now, counts, buckets, query.span, &self.levels)
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
