//! The metrics of hashing.

use std::time::Duration;

use metrics::{Gauge, Histogram, describe_gauge, describe_histogram, gauge, histogram};

const WAITING: &str = "incident_password_hashes_waiting";
const DURATION: &str = "incident_password_hash_duration_seconds";

/// The metrics of a pool.
pub(super) struct Measured {
    waiting: Gauge,
    duration: Histogram,
}

impl Measured {
    /// Registers the metrics with the current recorder.
    pub(super) fn new() -> Self {
        describe_gauge!(WAITING, "Callers who wait for a password to be hashed or checked.");
        describe_histogram!(DURATION, "How long it took to hash or check a password, once it was its turn.");
        Self { waiting: gauge!(WAITING), duration: histogram!(DURATION) }
    }

    /// Counts a caller as waiting until the value is dropped.
    pub(super) fn waiting(&self) -> Waiting<'_> {
        self.waiting.increment(1.0);
        Waiting(&self.waiting)
    }

    pub(super) fn done(&self, duration: Duration) {
        self.duration.record(duration);
    }
}

/// A waiting caller.
pub(super) struct Waiting<'a>(&'a Gauge);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
