//! What is measured of the threads that hash.

use std::time::Duration;

use metrics::{Gauge, Histogram, describe_gauge, describe_histogram, gauge, histogram};

const WAITING: &str = "incident_password_hashes_waiting";
const DURATION: &str = "incident_password_hash_duration_seconds";

/// What is measured of a pool.
pub(super) struct Measured {
    waiting: Gauge,
    duration: Histogram,
}

impl Measured {
    /// For the recorder that is in force.
    pub(super) fn new() -> Self {
        describe_gauge!(WAITING, "Callers who wait for a password to be hashed or checked.");
        describe_histogram!(DURATION, "How long it took to hash or check a password, once it was its turn.");
        Self { waiting: gauge!(WAITING), duration: histogram!(DURATION) }
    }

    /// A caller waits from now on, until there is an answer or the caller goes away.
    pub(super) fn waiting(&self) -> Waiting<'_> {
        self.waiting.increment(1.0);
        Waiting(&self.waiting)
    }

    pub(super) fn done(&self, took: Duration) {
        self.duration.record(took);
    }
}

/// A caller who waits.
pub(super) struct Waiting<'a>(&'a Gauge);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
