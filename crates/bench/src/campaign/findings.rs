//! What must never happen, and did.

use std::{
    fmt,
    io::{self, Write},
};

use crate::report::Verdict;

/// What a campaign holds the server to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    /// What was acknowledged is there.
    Kept,
    /// What was sent under one key is done once.
    Once,
    /// An effect is there with its timeline entries, its event and its audit record, or none of them is.
    Whole,
    /// What is there was sent by somebody.
    Known,
    /// The same request gets the same reply, to the byte.
    SameReply,
    /// Every timeline verifies.
    Verifies,
    /// Every request gets an answer that it may get, in time.
    Answered,
    /// Readers of the event log see each event once, in order.
    InOrder,
}

impl Property {
    pub(crate) const ALL: [Self; 8] = [
        Self::Kept,
        Self::Once,
        Self::Whole,
        Self::Known,
        Self::SameReply,
        Self::Verifies,
        Self::Answered,
        Self::InOrder,
    ];

    const fn broken(self) -> &'static str {
        match self {
            Self::Kept => "acknowledged effects that are lost",
            Self::Once => "effects that happened more than once",
            Self::Whole => "effects that are there in part",
            Self::Known => "effects that nobody asked for",
            Self::SameReply => "repeated requests with another reply",
            Self::Verifies => "timelines that do not verify",
            Self::Answered => "requests without an answer that they may get",
            Self::InOrder => "events out of order, twice or missed",
        }
    }
}

/// One case of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) property: Property,
    pub(crate) detail: String,
}

impl Finding {
    pub(crate) fn new(property: Property, detail: impl Into<String>) -> Self {
        Self { property, detail: detail.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.property.broken(), self.detail)
    }
}

/// All of them, said aloud when they come: a run that fails later has told what it saw.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn add(&mut self, finding: Finding) {
        // Without a terminal nobody hears it; the verdicts count it all the same.
        let _ = writeln!(io::stderr(), "FOUND {finding}");
        self.0.push(finding);
    }

    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            self.add(finding);
        }
    }

    /// A verdict for each property: none of it may have been broken.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let count = |property| self.0.iter().filter(|finding| finding.property == property).count() as u64;
        Property::ALL.into_iter().map(|property| Verdict::count(property.broken(), 0, count(property))).collect()
    }
}
