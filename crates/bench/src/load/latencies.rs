//! Latencies of requests, and medians of other figures.

use std::time::Duration;

use hdrhistogram::Histogram;

use crate::speed_table::Figures;

/// Percentiles are at most 0.1 % above the exact value.
const SIGNIFICANT_DIGITS: u8 = 3;

/// Longer latencies count as this one.
const LATENCY_MAX: Duration = Duration::from_hours(1);

/// How long each of many requests took, in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Latencies(Histogram<u64>);

impl Default for Latencies {
    #[expect(clippy::expect_used, reason = "the bounds are constants that the histogram allows")]
    fn default() -> Self {
        let most_us = micros(LATENCY_MAX);
        Self(Histogram::new_with_bounds(1, most_us, SIGNIFICANT_DIGITS).expect("valid bounds"))
    }
}

impl Latencies {
    pub(crate) fn record(&mut self, latency: Duration) {
        self.0.saturating_record(micros(latency));
    }

    /// Adds all latencies of another measurement.
    pub(crate) fn add(&mut self, other: &Self) {
        self.0 += &other.0;
    }

    /// Returns how many latencies were recorded.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// Returns the lowest latency within which this part of all requests was answered (nearest rank); 0 without any.
    pub(crate) fn percentile_ms(&self, part: f64) -> f64 {
        f64::from(self.percentile_us(part)) / 1000.0
    }

    pub(crate) fn p50_ms(&self) -> f64 {
        self.percentile_ms(0.50)
    }

    pub(crate) fn p99_ms(&self) -> f64 {
        self.percentile_ms(0.99)
    }

    pub(crate) fn max_ms(&self) -> f64 {
        self.percentile_ms(1.0)
    }

    /// Returns p50 and p99 for a line of the speed table.
    pub(crate) fn figures(&self) -> Figures {
        Figures { p50_ms: Some(self.p50_ms()), p99_ms: Some(self.p99_ms()), ..Figures::default() }
    }

    fn percentile_us(&self, part: f64) -> u32 {
        u32::try_from(self.0.value_at_quantile(part)).unwrap_or(u32::MAX)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// Returns the median, which for an even number of figures is the mean of the two in the middle; 0 without any.
pub(crate) fn median(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.get(middle) {
        None => 0.0,
        Some(upper) if figures.len() % 2 == 1 => *upper,
        Some(upper) => f64::midpoint(figures[middle - 1], *upper),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies(all_us: impl IntoIterator<Item = u64>) -> Latencies {
        let mut latencies = Latencies::default();
        for us in all_us {
            latencies.record(Duration::from_micros(us));
        }
        latencies
    }

    #[test]
    fn percentiles_are_nearest_ranks() {
        let hundred = latencies((1..=100).rev());
        for (part, expected_us) in [(0.0, 1), (0.01, 1), (0.5, 50), (0.505, 51), (0.99, 99), (1.0, 100)] {
            assert_eq!(hundred.percentile_us(part), expected_us, "{part}");
        }
        assert_eq!(latencies([7]).percentile_us(0.5), 7);
        assert_eq!(latencies([]).percentile_us(0.99), 0);
    }

    #[test]
    fn percentiles_of_long_latencies_are_within_a_thousandth() {
        for us in [3_000, 123_456, 59_999_999] {
            let found = f64::from(latencies([us]).percentile_us(0.5));
            let ratio = found / crate::units::figure(us);
            assert!((1.0..1.001).contains(&ratio), "{us} is shown as {found}");
        }
    }

    #[test]
    fn latencies_above_an_hour_count_as_an_hour() {
        let hour_ms = latencies([u64::MAX]).max_ms();
        assert!((3_600_000.0..3_604_000.0).contains(&hour_ms), "{hour_ms}");
    }

    #[test]
    fn added_and_later_latencies_are_included() {
        let mut some = latencies([10, 20]);
        assert_eq!(some.percentile_us(1.0), 20);
        some.add(&latencies([30]));
        some.record(Duration::from_micros(5));
        assert_eq!((some.percentile_us(1.0), some.percentile_us(0.0), some.count()), (30, 5, 4));
    }

    #[test]
    fn the_median_is_in_the_middle() {
        for (figures, expected) in [(vec![], 0.0), (vec![3.0], 3.0), (vec![9.0, 1.0], 5.0), (vec![9.0, 1.0, 2.0], 2.0)]
        {
            assert!((median(figures.clone()) - expected).abs() < f64::EPSILON, "{figures:?}");
        }
    }
}
