//! Reports as bytes, for a cache. What is read back is checked: another release, or another program, may have written it.

use chrono::NaiveDate;
use incident_domain::{
    incidents::{Priority, Status},
    kernel::{Label, Timestamp, UserId},
};
use serde::{Deserialize, Serialize};

use super::{
    Breakdown, Bucket, Counted, Durations, Numbers, STATISTICS_BUCKETS_MAX, ServiceLevelNumbers, ServiceLevels,
    StatisticsReport,
};

/// Names the format. Any change of reports, or of how they are computed, needs a new name.
pub(super) const FORMAT: &str = "incident-statistics-report-v2";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptReport {
    computed_at_us: i64,
    overall: KeptNumbers,
    by_status: Vec<(String, u64)>,
    by_priority: Vec<(String, u64)>,
    by_service: Vec<(Option<String>, u64)>,
    by_assignee: Vec<(Option<String>, u64)>,
    buckets: Vec<(String, KeptNumbers)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptNumbers {
    incidents: u64,
    reopened: u64,
    acknowledge: KeptDurations,
    mitigate: KeptDurations,
    resolve: KeptDurations,
    /// By priority: incidents, late acknowledgements, late resolutions. The levels themselves are in the settings.
    levels: Vec<(String, u64, u64, u64)>,
}

/// The bits of each double, because a decimal number that is read back may differ.
type KeptDurations = (u64, Option<u64>, Option<u64>, Option<u64>);

/// Writes a report as bytes.
pub(super) fn bytes_of(report: &StatisticsReport) -> Option<Vec<u8>> {
    let Breakdown { by_status, by_priority, by_service, by_assignee } = &report.breakdown;
    let kept = KeptReport {
        computed_at_us: report.computed_at.timestamp_micros(),
        overall: numbers_kept(&report.overall),
        by_status: by_status.iter().map(|counted| (counted.of.to_string(), counted.count)).collect(),
        by_priority: by_priority.iter().map(|counted| (counted.of.to_string(), counted.count)).collect(),
        by_service: by_service.iter().map(named_kept).collect(),
        by_assignee: by_assignee.iter().map(named_kept).collect(),
        buckets: report
            .buckets
            .iter()
            .map(|bucket| (bucket.starts_on.to_string(), numbers_kept(&bucket.numbers)))
            .collect(),
    };
    serde_json::to_vec(&kept).ok()
}

/// Reads a report, if the bytes are one; `levels` are those by which it was computed.
pub(super) fn report_of(bytes: &[u8], levels: &ServiceLevels) -> Option<StatisticsReport> {
    let kept: KeptReport = serde_json::from_slice(bytes).ok()?;
    if kept.buckets.len() > STATISTICS_BUCKETS_MAX {
        return None;
    }
    let bucket = |(starts_on, numbers): (String, KeptNumbers)| {
        let starts_on: NaiveDate = starts_on.parse().ok()?;
        Some(Bucket { starts_on, numbers: numbers_of(numbers, levels)? })
    };
    Some(StatisticsReport {
        computed_at: Timestamp::from_timestamp_micros(kept.computed_at_us)?,
        overall: numbers_of(kept.overall, levels)?,
        breakdown: Breakdown {
            by_status: counted_of(kept.by_status, |name| name.parse::<Status>().ok())?,
            by_priority: counted_of(kept.by_priority, |name| name.parse::<Priority>().ok())?,
            by_service: counted_of(kept.by_service, |name| some_of(name, |name| Label::stored(name).ok()))?,
            by_assignee: counted_of(kept.by_assignee, |id| some_of(id, |id| id.parse::<UserId>().ok()))?,
        },
        buckets: kept.buckets.into_iter().map(bucket).collect::<Option<_>>()?,
    })
}

fn named_kept<T: ToString>(counted: &Counted<Option<T>>) -> (Option<String>, u64) {
    (counted.of.as_ref().map(ToString::to_string), counted.count)
}

fn counted_of<K, T>(kept: Vec<(K, u64)>, read: impl Fn(K) -> Option<T>) -> Option<Vec<Counted<T>>> {
    kept.into_iter().map(|(of, count)| Some(Counted { of: read(of)?, count })).collect()
}

/// Reads a value that may be absent; a value that is present must be readable.
#[expect(
    clippy::option_option,
    reason = "the outer one says whether it can be read, the inner one whether it is present"
)]
fn some_of<T>(kept: Option<String>, read: impl Fn(String) -> Option<T>) -> Option<Option<T>> {
    kept.map_or(Some(None), |kept| read(kept).map(Some))
}

fn numbers_kept(numbers: &Numbers) -> KeptNumbers {
    let level = |numbers: &ServiceLevelNumbers| {
        let ServiceLevelNumbers { priority, level: _, incidents, acknowledge_breaches, resolve_breaches } = numbers;
        (priority.to_string(), *incidents, *acknowledge_breaches, *resolve_breaches)
    };
    KeptNumbers {
        incidents: numbers.incidents,
        reopened: numbers.reopened,
        acknowledge: durations_kept(numbers.acknowledge),
        mitigate: durations_kept(numbers.mitigate),
        resolve: durations_kept(numbers.resolve),
        levels: numbers.levels.iter().map(level).collect(),
    }
}

fn numbers_of(kept: KeptNumbers, levels: &ServiceLevels) -> Option<Numbers> {
    let level = |(priority, incidents, acknowledge_breaches, resolve_breaches): (String, u64, u64, u64)| {
        let priority: Priority = priority.parse().ok()?;
        let level = levels.of(priority);
        Some(ServiceLevelNumbers { priority, level, incidents, acknowledge_breaches, resolve_breaches })
    };
    Some(Numbers {
        incidents: kept.incidents,
        reopened: kept.reopened,
        acknowledge: durations_of(kept.acknowledge),
        mitigate: durations_of(kept.mitigate),
        resolve: durations_of(kept.resolve),
        levels: kept.levels.into_iter().map(level).collect::<Option<_>>()?,
    })
}

fn durations_kept(durations: Durations) -> KeptDurations {
    let Durations { count, mean_seconds, p50_seconds, p95_seconds } = durations;
    let [mean, p50, p95] = [mean_seconds, p50_seconds, p95_seconds].map(|seconds| seconds.map(f64::to_bits));
    (count, mean, p50, p95)
}

fn durations_of((count, mean, p50, p95): KeptDurations) -> Durations {
    let [mean_seconds, p50_seconds, p95_seconds] = [mean, p50, p95].map(|bits| bits.map(f64::from_bits));
    Durations { count, mean_seconds, p50_seconds, p95_seconds }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::incidents::ServiceLevel;

    fn levels() -> ServiceLevels {
        let level = ServiceLevel { acknowledge: Some(TimeDelta::minutes(15)), resolve: None };
        ServiceLevels { critical: level, ..ServiceLevels::default() }
    }

    fn report() -> StatisticsReport {
        let durations = |count: u64, seconds: Option<f64>| Durations {
            count,
            mean_seconds: seconds,
            p50_seconds: seconds.map(|seconds| seconds / 3.0),
            p95_seconds: seconds.map(f64::sqrt),
        };
        let level = |priority: &Priority| ServiceLevelNumbers {
            priority: *priority,
            level: levels().of(*priority),
            incidents: 7,
            acknowledge_breaches: 3,
            resolve_breaches: 0,
        };
        let numbers = Numbers {
            incidents: 7,
            reopened: 2,
            acknowledge: durations(6, Some(0.1 + 0.2)),
            mitigate: durations(0, None),
            resolve: durations(5, Some(1e9 / 7.0)),
            levels: Priority::ALL.iter().map(level).collect(),
        };
        let user: UserId = "01980d3e-5f00-7000-8000-000000000001".parse().unwrap();
        StatisticsReport {
            computed_at: Timestamp::from_timestamp_micros(1_780_000_000_123_456).unwrap(),
            breakdown: Breakdown {
                by_status: Status::ALL.iter().map(|status| Counted { of: *status, count: 1 }).collect(),
                by_priority: Priority::ALL.iter().map(|priority| Counted { of: *priority, count: 2 }).collect(),
                by_service: vec![
                    Counted { of: Some(Label::parse("the \"checkout\"").unwrap()), count: 5 },
                    Counted { of: None, count: 2 },
                ],
                by_assignee: vec![Counted { of: None, count: 4 }, Counted { of: Some(user), count: 3 }],
            },
            buckets: vec![Bucket { starts_on: "2026-03-30".parse().unwrap(), numbers: numbers.clone() }],
            overall: numbers,
        }
    }

    #[test]
    fn a_report_is_read_back_to_the_last_bit() {
        let bytes = bytes_of(&report()).unwrap();
        assert_eq!(report_of(&bytes, &levels()), Some(report()));
    }

    #[test]
    fn other_bytes_are_not_read_as_a_report() {
        let text = String::from_utf8(bytes_of(&report()).unwrap()).unwrap();
        let changed = [
            ("\"open\"", "\"haunted\""),
            ("\"critical\"", "\"urgent\""),
            ("2026-03-30", "2026-03-32"),
            ("01980d3e-5f00-7000-8000-000000000001", "ada"),
            ("\"the \\\"checkout\\\"\"", "\"\""),
            ("\"reopened\":2", "\"reopened\":-2"),
            ("\"reopened\":2", "\"reopened\":2,\"closed\":1"),
            ("\"computed_at_us\":1780000000123456,", ""),
        ];
        for (from, to) in changed {
            let other = text.replace(from, to);
            assert_ne!(other, text, "there is {from}");
            assert_eq!(report_of(other.as_bytes(), &levels()), None, "{to} for {from}");
        }
        for bytes in [&b""[..], b"{}", b"null", &text.as_bytes()[..text.len() - 1]] {
            assert_eq!(report_of(bytes, &levels()), None);
        }
    }
}
