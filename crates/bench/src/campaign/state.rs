//! What all clients of a campaign write.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::CommandLog;

#[derive(Debug, Default)]
pub(super) struct State {
    log: Mutex<CommandLog>,
    counters: Mutex<Counters>,
    is_over: AtomicBool,
}

/// Counts of commands and responses of all clients.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Commands with the expected response.
    pub(crate) acknowledged: u64,
    /// Commands that were acknowledged after the first attempt had no response.
    pub(crate) acknowledged_later: u64,
    /// Those of them whose response was a replay.
    pub(crate) replayed: u64,
    /// Acknowledged commands that were sent again on purpose.
    pub(crate) repeated: u64,
    /// Requests without a response so far.
    pub(crate) in_flight: usize,
    /// Responses from 500 on, by status.
    pub(crate) failed: BTreeMap<u16, u64>,
    /// Connections that broke or were refused.
    pub(crate) broken: Vec<BrokenConnection>,
    /// The longest time until a response.
    pub(crate) longest: Duration,
}

/// A connection that broke before the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BrokenConnection {
    /// Whether all bytes of the request were sent.
    pub(crate) was_sent: bool,
}

impl State {
    /// Returns the log, also if a client panicked with it: what was written before is valid.
    pub(super) fn log(&self) -> MutexGuard<'_, CommandLog> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counters(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the clients to end after their current command.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}
