//! The machine's own clock and randomness, behind the domain's ports.

use std::sync::Mutex;

use chrono::{DurationRound, TimeDelta, Utc};
use incident_domain::{
    Timestamp,
    ports::{Clock, IdGenerator},
};
use uuid::{ContextV7, Timestamp as UuidTimestamp, Uuid};

/// The machine's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is the adapter that asks the machine")]
        let now = Utc::now();
        // What is stored has whole microseconds.
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }
}

/// Identifiers that grow, also within a millisecond and when the clock is set back.
pub(crate) struct RandomIds {
    context: Mutex<ContextV7>,
}

impl RandomIds {
    /// A generator of its own order.
    pub(crate) fn new() -> Self {
        Self { context: Mutex::new(ContextV7::new()) }
    }
}

impl Default for RandomIds {
    fn default() -> Self {
        Self::new()
    }
}

impl IdGenerator for RandomIds {
    fn next_id(&self) -> Uuid {
        let context = self.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Uuid::new_v7(UuidTimestamp::now(&*context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow() {
        let ids = RandomIds::new();
        let made: Vec<Uuid> = (0..10_000).map(|_| ids.next_id()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn the_clock_tells_whole_microseconds() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos() % 1000, 0);
    }
}
