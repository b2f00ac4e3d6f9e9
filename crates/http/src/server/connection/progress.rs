//! What a connection is doing, and since when.

use std::{
    cell::Cell,
    rc::Rc,
    time::{Duration, Instant},
};

use crate::{server::open_connections::Admission, telemetry::ConnectionEnd};

/// The progress of a connection. It decides which connections may be closed, and when.
pub(super) struct Progress {
    admission: Rc<Admission>,
    exchanges: Cell<usize>,
    working: Cell<usize>,
    sending: Cell<usize>,
    /// When the last exchange began or ended.
    exchanged_at: Cell<Instant>,
    /// When the client last took something of a response.
    delivered_at: Cell<Instant>,
    has_unanswered_bytes: Cell<bool>,
    has_unread_request: Cell<bool>,
}

/// A request, until its response is handed over completely.
pub(super) struct Exchange {
    progress: Rc<Progress>,
    phase: Cell<Phase>,
}

/// Who has to do something for an exchange to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The server.
    Working,
    /// The client, which still sends the body.
    Receiving,
    /// The client, which still takes the response.
    Sending,
}

impl Progress {
    pub(super) fn new(admission: Rc<Admission>) -> Self {
        let now = Cell::new(Instant::now());
        Self {
            admission,
            exchanges: Cell::new(0),
            working: Cell::new(0),
            sending: Cell::new(0),
            exchanged_at: now.clone(),
            delivered_at: now,
            has_unanswered_bytes: Cell::new(false),
            has_unread_request: Cell::new(false),
        }
    }

    pub(super) fn note_read(&self) {
        self.has_unanswered_bytes.set(true);
        self.admission.note_progress();
    }

    pub(super) fn note_written(&self) {
        self.admission.note_progress();
    }

    /// Notes that the client took a part of a response.
    pub(super) fn note_delivered(&self) {
        self.delivered_at.set(Instant::now());
    }

    /// Notes that a response was given before its request was read completely.
    pub(super) fn note_unread_request(&self) {
        self.has_unread_request.set(true);
    }

    pub(super) fn note_end(&self, end: ConnectionEnd) {
        self.admission.note_end(end);
    }

    /// Whether bytes were read that belong to no answered request.
    pub(super) fn has_unanswered_bytes(&self) -> bool {
        self.has_unanswered_bytes.get()
    }

    /// Whether the client may still send what nobody reads.
    pub(super) fn has_unread_request(&self) -> bool {
        self.has_unread_request.get()
    }

    /// Whether a request is being answered.
    pub(super) fn has_exchange(&self) -> bool {
        self.exchanges.get() > 0
    }

    /// For how long there was no request; `None` if there is one.
    pub(super) fn idle_time(&self) -> Option<Duration> {
        (!self.has_exchange()).then(|| self.exchanged_at.get().elapsed())
    }

    /// For how long the client has taken nothing of its responses; `None` if the server does not wait for that.
    pub(super) fn stalled_time(&self) -> Option<Duration> {
        (self.sending.get() > 0).then(|| self.delivered_at.get().elapsed())
    }

    fn enter(&self, phase: Phase) {
        match phase {
            Phase::Working => self.set_working(self.working.get() + 1),
            Phase::Receiving => {}
            Phase::Sending => {
                if self.sending.get() == 0 {
                    self.note_delivered();
                }
                self.sending.set(self.sending.get() + 1);
            }
        }
    }

    fn leave(&self, phase: Phase) {
        match phase {
            Phase::Working => self.set_working(self.working.get().saturating_sub(1)),
            Phase::Receiving => {}
            Phase::Sending => self.sending.set(self.sending.get().saturating_sub(1)),
        }
    }

    fn set_working(&self, count: usize) {
        self.working.set(count);
        self.admission.note_working(count);
    }
}

impl Exchange {
    pub(super) fn begin(progress: Rc<Progress>) -> Self {
        progress.exchanges.set(progress.exchanges.get() + 1);
        progress.exchanged_at.set(Instant::now());
        progress.enter(Phase::Working);
        Self { progress, phase: Cell::new(Phase::Working) }
    }

    pub(super) fn progress(&self) -> &Progress {
        &self.progress
    }

    pub(super) fn set_phase(&self, phase: Phase) {
        let before = self.phase.replace(phase);
        if before != phase {
            self.progress.leave(before);
            self.progress.enter(phase);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.progress.leave(self.phase.get());
        self.progress.exchanges.set(self.progress.exchanges.get().saturating_sub(1));
        self.progress.exchanged_at.set(Instant::now());
        self.progress.has_unanswered_bytes.set(false);
    }
}
