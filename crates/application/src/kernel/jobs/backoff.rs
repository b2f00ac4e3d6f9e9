//! How long a failed job waits before it is tried again.

use chrono::TimeDelta;

/// Waits that double with each failed attempt, up to a maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first failed attempt.
    pub first: TimeDelta,
    /// The longest wait after any attempt.
    pub max: TimeDelta,
}

impl Default for Backoff {
    /// Waits up to one second at first, and up to ten minutes at last.
    fn default() -> Self {
        Self { first: TimeDelta::seconds(1), max: TimeDelta::minutes(10) }
    }
}

impl Backoff {
    /// Returns the wait after this many failed attempts: a random time between half and all of the longest wait, so that
    /// jobs that failed together are not tried again together.
    pub fn delay(&self, attempts: u32, random: &mut fastrand::Rng) -> TimeDelta {
        let doubled = 1_i64.checked_shl(attempts.saturating_sub(1).min(62)).unwrap_or(i64::MAX);
        let longest_ms = self.first.num_milliseconds().saturating_mul(doubled).min(self.max.num_milliseconds()).max(0);
        TimeDelta::milliseconds(random.i64(longest_ms / 2..=longest_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_maximum_and_vary_by_half() {
        let backoff = Backoff { first: TimeDelta::seconds(1), max: TimeDelta::seconds(10) };
        let mut random = fastrand::Rng::with_seed(7);
        for (attempts, longest) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (64, 10), (u32::MAX, 10)] {
            let delays: Vec<TimeDelta> = (0..1_000).map(|_| backoff.delay(attempts, &mut random)).collect();
            let longest = TimeDelta::seconds(longest);
            assert!(delays.iter().all(|delay| (longest / 2..=longest).contains(delay)), "{attempts}: {delays:?}");
            assert!(delays.iter().any(|delay| *delay != delays[0]), "{attempts}: jobs come apart");
        }
    }

    #[test]
    fn no_wait_stays_no_wait() {
        let backoff = Backoff { first: TimeDelta::zero(), max: TimeDelta::seconds(1) };
        assert_eq!(backoff.delay(9, &mut fastrand::Rng::with_seed(7)), TimeDelta::zero());
    }
}
