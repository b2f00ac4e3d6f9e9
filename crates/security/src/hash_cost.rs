//! The cost of a password hash.

use std::time::Duration;

use thiserror::Error;

/// The approximate duration of a hash of [`HashCost::DEFAULT`] on a processor of 2025.
const DEFAULT_DURATION: Duration = Duration::from_millis(250);

/// The cost of a hash, which takes 2 to the power of the cost rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HashCost(u32);

/// A cost outside the allowed range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be between {} and {}", HashCost::MIN, HashCost::MAX)]
pub struct HashCostError;

impl HashCost {
    /// The minimum of bcrypt; for tests.
    pub const MIN: u32 = 4;
    /// About four seconds on a processor of 2025. With a higher cost, sign-ins could overload the server.
    pub const MAX: u32 = 16;
    /// The default: about a quarter of a second.
    pub const DEFAULT: Self = Self(12);

    /// Parses a cost between [`MIN`](Self::MIN) and [`MAX`](Self::MAX).
    pub const fn parse(cost: u32) -> Result<Self, HashCostError> {
        if cost < Self::MIN || cost > Self::MAX {
            return Err(HashCostError);
        }
        Ok(Self(cost))
    }

    /// Returns the number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Estimates the duration of a hash before one was measured.
    pub(crate) fn duration_estimate(self) -> Duration {
        DEFAULT_DURATION * (1 << self.0) / (1 << Self::DEFAULT.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_of_cost_doubles_the_estimate() {
        assert_eq!(HashCost::DEFAULT.duration_estimate(), DEFAULT_DURATION);
        for cost in HashCost::MIN..HashCost::MAX {
            let (lower, higher) = (HashCost(cost).duration_estimate(), HashCost(cost + 1).duration_estimate());
            assert!(higher.abs_diff(2 * lower) < Duration::from_micros(1), "{cost}: {lower:?}, {higher:?}");
        }
    }
}
