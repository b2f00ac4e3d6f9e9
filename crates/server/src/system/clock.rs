//! The clock of the machine.

use chrono::{DurationRound, TimeDelta, Utc};
use incident_domain::kernel::{Clock, Timestamp};

/// Reads the clock of the machine.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the adapter that reads the clock")]
        let now = Utc::now();
        // Databases store whole microseconds.
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_has_whole_microseconds() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1000, 0);
    }
}
