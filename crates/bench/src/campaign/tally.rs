//! How it went for all clients together.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Counts of what the clients sent and what came back.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Commands that were answered as they should be.
    pub(crate) acknowledged: u64,
    /// Commands whose first answer did not come, and which were acknowledged after they were sent again.
    pub(crate) acknowledged_later: u64,
    /// Those of them whose effect was there already.
    pub(crate) replayed: u64,
    /// Acknowledged commands that were sent again on purpose.
    pub(crate) repeated: u64,
    /// Requests that are under way now.
    pub(crate) under_way: usize,
    /// Answers of 500 and above, by status.
    pub(crate) failed: BTreeMap<u16, u64>,
    /// Connections that broke or were refused.
    pub(crate) broken: Vec<Broken>,
    /// The longest that an answer took, whatever it was.
    pub(crate) longest: Duration,
}

/// A connection that broke before the answer came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken {
    /// Whether the request was sent, to the last byte.
    pub(crate) was_sent: bool,
}

pub(super) type SharedTally = Arc<Mutex<Tally>>;

pub(super) fn count(tally: &SharedTally) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
