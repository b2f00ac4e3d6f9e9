//! Collecting the samples from which the numbers are computed.

use std::{collections::HashMap, hash::Hash};

use chrono::TimeDelta;
use incident_domain::{
    incidents::{IncidentTimes, Priority, Status},
    kernel::{Label, Timestamp, UserId},
};

use super::{Breakdown, Counted, Durations, Numbers, ServiceLevelNumbers, ServiceLevels, holds::held_between};

/// How many incidents there are by status, priority, service and assignee.
#[derive(Default)]
pub(super) struct Counts {
    statuses: HashMap<Status, u64>,
    priorities: HashMap<Priority, u64>,
    services: HashMap<Option<Label>, u64>,
    assignees: HashMap<Option<UserId>, u64>,
}

impl Counts {
    pub(super) fn add(&mut self, times: IncidentTimes) {
        *self.statuses.entry(times.status).or_default() += 1;
        *self.priorities.entry(times.priority).or_default() += 1;
        *self.services.entry(times.service).or_default() += 1;
        *self.assignees.entry(times.assigned_to).or_default() += 1;
    }

    pub(super) fn into_breakdown(self) -> Breakdown {
        let of = |count: Option<&u64>| count.copied().unwrap_or_default();
        Breakdown {
            by_status: Status::ALL
                .iter()
                .map(|status| Counted { of: *status, count: of(self.statuses.get(status)) })
                .collect(),
            by_priority: Priority::ALL
                .iter()
                .map(|priority| Counted { of: *priority, count: of(self.priorities.get(priority)) })
                .collect(),
            by_service: most_first(self.services),
            by_assignee: most_first(self.assignees),
        }
    }
}

/// How many services and assignees a report names.
const NAMED_MAX: usize = 100;

fn most_first<T: Ord + Hash>(counts: HashMap<T, u64>) -> Vec<Counted<T>> {
    let mut counts: Vec<Counted<T>> = counts.into_iter().map(|(of, count)| Counted { of, count }).collect();
    counts.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.of.cmp(&other.of)));
    counts.truncate(NAMED_MAX);
    counts
}

/// The samples of one span.
#[derive(Default)]
pub(super) struct Samples {
    incidents: u64,
    reopened: u64,
    acknowledge: Vec<TimeDelta>,
    mitigate: Vec<TimeDelta>,
    resolve: Vec<TimeDelta>,
    /// By the priority's rank.
    levels: [LevelSamples; Priority::ALL.len()],
}

#[derive(Clone, Copy, Default)]
struct LevelSamples {
    incidents: u64,
    acknowledge_breaches: u64,
    resolve_breaches: u64,
}

impl Samples {
    pub(super) fn add(
        &mut self,
        times: &IncidentTimes,
        holds: &[(Timestamp, Option<Timestamp>)],
        levels: &ServiceLevels,
        now: Timestamp,
    ) {
        // Earlier releases stored times before the opening when a clock was behind.
        let worked_until =
            |end: Timestamp| (end - times.opened_at - held_between(holds, times.opened_at, end)).max(TimeDelta::zero());
        self.incidents += 1;
        self.reopened += u64::from(times.reopen_count > 0);
        self.acknowledge.extend(times.acknowledged_at.map(worked_until));
        self.mitigate.extend(times.mitigated_at.map(worked_until));
        self.resolve.extend(times.resolved_at.map(worked_until));
        // Service levels do not hold for what turned out to be no incident.
        if times.status == Status::Cancelled {
            return;
        }
        let Some(samples) = self.levels.get_mut(times.priority.rank() as usize) else { return };
        let level = levels.of(times.priority);
        // What has not been done yet is late as soon as its time is over.
        let is_late = |allowed: Option<TimeDelta>, done_at: Option<Timestamp>| {
            allowed.is_some_and(|allowed| worked_until(done_at.unwrap_or(now)) > allowed)
        };
        samples.incidents += 1;
        samples.acknowledge_breaches += u64::from(is_late(level.acknowledge, times.acknowledged_at));
        samples.resolve_breaches += u64::from(is_late(level.resolve, times.resolved_at));
    }

    /// Adds the samples of another span.
    pub(super) fn append(&mut self, other: &Self) {
        self.incidents += other.incidents;
        self.reopened += other.reopened;
        self.acknowledge.extend_from_slice(&other.acknowledge);
        self.mitigate.extend_from_slice(&other.mitigate);
        self.resolve.extend_from_slice(&other.resolve);
        for (level, other) in self.levels.iter_mut().zip(&other.levels) {
            level.incidents += other.incidents;
            level.acknowledge_breaches += other.acknowledge_breaches;
            level.resolve_breaches += other.resolve_breaches;
        }
    }

    pub(super) fn into_numbers(self, levels: &ServiceLevels) -> Numbers {
        let level = |(priority, samples): (&Priority, LevelSamples)| ServiceLevelNumbers {
            priority: *priority,
            level: levels.of(*priority),
            incidents: samples.incidents,
            acknowledge_breaches: samples.acknowledge_breaches,
            resolve_breaches: samples.resolve_breaches,
        };
        Numbers {
            incidents: self.incidents,
            reopened: self.reopened,
            acknowledge: durations(self.acknowledge),
            mitigate: durations(self.mitigate),
            resolve: durations(self.resolve),
            levels: Priority::ALL.iter().zip(self.levels).map(level).collect(),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a double holds microseconds of 285 years exactly")]
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

fn durations(samples: Vec<TimeDelta>) -> Durations {
    let mut micros: Vec<i64> =
        samples.into_iter().map(|sample| sample.num_microseconds().unwrap_or(i64::MAX)).collect();
    let count = micros.len();
    if count == 0 {
        return Durations { count: 0, mean_seconds: None, p50_seconds: None, p95_seconds: None };
    }
    let sum: i128 = micros.iter().copied().map(i128::from).sum();
    let mean = sum / i128::try_from(count).unwrap_or(i128::MAX);
    Durations {
        count: count as u64,
        mean_seconds: i64::try_from(mean).ok().map(seconds),
        p50_seconds: quantile(&mut micros, 50),
        p95_seconds: quantile(&mut micros, 95),
    }
}

/// Computes a quantile, interpolated between the two nearest samples (Hyndman and Fan's type 7, as spreadsheets and most
/// libraries do).
fn quantile(micros: &mut [i64], percent: usize) -> Option<f64> {
    let last = micros.len().checked_sub(1)?;
    let place = last * percent;
    let (below, rest) = (place / 100, place % 100);
    let (_, low, above) = micros.select_nth_unstable(below);
    let low = *low;
    let high = above.iter().min().copied().unwrap_or(low);
    #[expect(clippy::cast_precision_loss, reason = "a number below 100")]
    let weight = rest as f64 / 100.0;
    Some((seconds(high) - seconds(low)).mul_add(weight, seconds(low)))
}

#[cfg(test)]
mod tests {
    use incident_domain::incidents::IncidentId;
    use uuid::Uuid;

    use super::*;

    fn quantiles_of(samples: &[i64], percent: usize) -> Option<f64> {
        let mut micros: Vec<i64> = samples.iter().map(|seconds| seconds * 1_000_000).collect();
        quantile(&mut micros, percent)
    }

    #[test]
    fn quantiles_are_interpolated_between_the_nearest_samples() {
        assert_eq!(quantiles_of(&[], 50), None);
        assert_eq!(quantiles_of(&[7], 95), Some(7.0));
        assert_eq!(quantiles_of(&[4, 1, 3, 2], 50), Some(2.5));
        assert_eq!(quantiles_of(&[40, 10, 30, 20, 50], 50), Some(30.0));
        let p95 = quantiles_of(&[5, 4, 3, 2, 1], 95).unwrap();
        assert!((p95 - 4.8).abs() < 1e-9, "{p95}");
    }

    #[test]
    fn no_duration_is_below_zero() {
        let at = |seconds| Timestamp::from_timestamp_secs(seconds).unwrap();
        let times = IncidentTimes {
            id: IncidentId::new(Uuid::nil()),
            status: Status::Resolved,
            priority: Priority::High,
            service: None,
            assigned_to: None,
            opened_at: at(3_600),
            acknowledged_at: Some(at(1)),
            mitigated_at: Some(at(2)),
            resolved_at: Some(at(3)),
            reopen_count: 0,
        };
        let mut samples = Samples::default();
        samples.add(&times, &[], &ServiceLevels::default(), at(4));
        let numbers = samples.into_numbers(&ServiceLevels::default());
        for durations in [numbers.acknowledge, numbers.mitigate, numbers.resolve] {
            assert_eq!((durations.count, durations.mean_seconds, durations.p95_seconds), (1, Some(0.0), Some(0.0)));
        }
    }
}
