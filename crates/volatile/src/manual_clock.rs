//! A clock for tests.

use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use incident_domain::kernel::{Clock, Timestamp};

/// A clock that stands still until it is set.
pub(crate) struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    pub(crate) fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    pub(crate) fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self(Mutex::new(start()))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn start() -> Timestamp {
    Timestamp::from_timestamp_micros(1_780_000_000_123_456).expect("a time of this century")
}
