//! How much work a password's hash is.

use std::time::Duration;

use thiserror::Error;

/// How long a hash of [`HashCost::DEFAULT`] takes on a processor of 2025, nearly.
const DEFAULT_DURATION: Duration = Duration::from_millis(250);

/// How much work a hash is: 2 to the power of the cost rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HashCost(u32);

/// A cost outside the allowed range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be between {} and {}", HashCost::MIN, HashCost::MAX)]
pub struct HashCostError;

impl HashCost {
    /// The least that bcrypt knows; for tests.
    pub const MIN: u32 = 4;
    /// Some four seconds of a processor in 2025: beyond it, signing in becomes a way to stop the server.
    pub const MAX: u32 = 16;
    /// What is used where nothing is said: some quarter of a second.
    pub const DEFAULT: Self = Self(12);

    /// Takes a cost between [`MIN`](Self::MIN) and [`MAX`](Self::MAX).
    pub const fn parse(cost: u32) -> Result<Self, HashCostError> {
        if cost < Self::MIN || cost > Self::MAX {
            return Err(HashCostError);
        }
        Ok(Self(cost))
    }

    /// The bare number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// How long a hash may take, for as long as none was measured.
    pub(crate) fn duration_guess(self) -> Duration {
        DEFAULT_DURATION * (1 << self.0) / (1 << Self::DEFAULT.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_of_cost_is_guessed_to_take_twice_as_long() {
        assert_eq!(HashCost::DEFAULT.duration_guess(), DEFAULT_DURATION);
        for cost in HashCost::MIN..HashCost::MAX {
            let (lower, higher) = (HashCost(cost).duration_guess(), HashCost(cost + 1).duration_guess());
            assert!(higher.abs_diff(2 * lower) < Duration::from_micros(1), "{cost}: {lower:?}, {higher:?}");
        }
    }
}
