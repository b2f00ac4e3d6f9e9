//! Violated guarantees.

use std::{
    fmt,
    io::{self, Write},
};

use crate::verdict::Verdict;

/// What a campaign checks of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guarantee {
    /// Acknowledged effects exist.
    Durable,
    /// A command has its effect once.
    ExactlyOnce,
    /// An effect exists with its timeline entries, its event and its audit record, or with none of them.
    Atomic,
    /// Every effect belongs to a command.
    Requested,
    /// Repetitions of a request have the same response, to the byte.
    SameResponse,
    /// Every timeline verifies.
    ValidTimeline,
    /// Every request has a permitted response in time.
    Answered,
    /// Readers of the event log see each event once, in order.
    OrderedEvents,
}

impl Guarantee {
    pub(crate) const ALL: [Self; 8] = [
        Self::Durable,
        Self::ExactlyOnce,
        Self::Atomic,
        Self::Requested,
        Self::SameResponse,
        Self::ValidTimeline,
        Self::Answered,
        Self::OrderedEvents,
    ];

    const fn violation(self) -> &'static str {
        match self {
            Self::Durable => "acknowledged effects that are lost",
            Self::ExactlyOnce => "effects that happened more than once",
            Self::Atomic => "effects that exist in part",
            Self::Requested => "effects that were not requested",
            Self::SameResponse => "repeated requests with another response",
            Self::ValidTimeline => "timelines that do not verify",
            Self::Answered => "requests without a permitted response",
            Self::OrderedEvents => "events out of order, duplicated or missed",
        }
    }
}

/// One violation of a guarantee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) guarantee: Guarantee,
    pub(crate) detail: String,
}

impl Finding {
    pub(crate) fn new(guarantee: Guarantee, detail: impl Into<String>) -> Self {
        Self { guarantee, detail: detail.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.guarantee.violation(), self.detail)
    }
}

/// All violations. Each is printed at once, so that it is known even if the run fails later.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn add(&mut self, finding: Finding) {
        // If standard error is closed, the verdicts still count it.
        let _ = writeln!(io::stderr(), "FOUND {finding}");
        self.0.push(finding);
    }

    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.add(finding);
        }
    }

    /// Returns a verdict for each guarantee.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let count = |guarantee| self.0.iter().filter(|finding| finding.guarantee == guarantee).count();
        Guarantee::ALL
            .into_iter()
            .map(|guarantee| Verdict::exactly(guarantee.violation(), 0, count(guarantee)))
            .collect()
    }
}
