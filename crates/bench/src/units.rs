//! Conversions of counts into the figures of reports.

use std::{collections::BTreeMap, time::Duration};

/// Returns a count as a figure.
#[expect(clippy::cast_precision_loss, reason = "the counts of a run are far below 2^53")]
pub(crate) const fn figure(count: u64) -> f64 {
    count as f64
}

/// Returns how many there were in a second.
pub(crate) fn per_second(count: u64, time: Duration) -> f64 {
    ratio(figure(count), time.as_secs_f64())
}

/// Divides two figures; a very large number if the second is 0.
pub(crate) fn ratio(figure: f64, baseline: f64) -> f64 {
    figure / baseline.max(f64::EPSILON)
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Adds counts by name.
pub(crate) fn add_counts<K: Clone + Ord>(sums: &mut BTreeMap<K, u64>, counts: &BTreeMap<K, u64>) {
    for (name, count) in counts {
        *sums.entry(name.clone()).or_default() += count;
    }
}
