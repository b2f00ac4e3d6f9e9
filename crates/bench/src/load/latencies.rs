//! How long requests took: all of them, so that percentiles are exact.

use std::time::Duration;

/// How long each of many requests took, to the microsecond.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies {
    all_us: Vec<u32>,
    is_sorted: bool,
}

impl Latencies {
    /// Adds one; more than an hour counts as an hour.
    pub(crate) fn record(&mut self, latency: Duration) {
        self.all_us.push(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX));
        self.is_sorted = false;
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.all_us.extend(other.all_us);
        self.is_sorted = false;
    }

    pub(crate) fn count(&self) -> u64 {
        self.all_us.len() as u64
    }

    /// The least latency within which this part of all requests was answered (the nearest rank); 0 without any.
    pub(crate) fn percentile_us(&mut self, part: f64) -> u32 {
        if !self.is_sorted {
            self.all_us.sort_unstable();
            self.is_sorted = true;
        }
        #[expect(clippy::cast_precision_loss, reason = "no run has so many requests")]
        let rank = (part.clamp(0.0, 1.0) * self.all_us.len() as f64).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the length")]
        let index = (rank as usize).saturating_sub(1);
        self.all_us.get(index).copied().unwrap_or_default()
    }

    /// The same in milliseconds.
    pub(crate) fn percentile_ms(&mut self, part: f64) -> f64 {
        f64::from(self.percentile_us(part)) / 1000.0
    }
}

/// The middle of some figures, or of the two in the middle; 0 without any.
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
    fn a_percentile_is_a_latency_that_there_was() {
        let mut hundred = latencies((1..=100).rev());
        for (part, expected_us) in [(0.0, 1), (0.01, 1), (0.5, 50), (0.505, 51), (0.99, 99), (1.0, 100)] {
            assert_eq!(hundred.percentile_us(part), expected_us, "{part}");
        }
        assert_eq!(latencies([7]).percentile_us(0.5), 7);
        assert_eq!(latencies([]).percentile_us(0.99), 0);
    }

    #[test]
    fn what_comes_later_counts_too() {
        let mut some = latencies([10, 20]);
        assert_eq!(some.percentile_us(1.0), 20);
        some.add(latencies([30]));
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
