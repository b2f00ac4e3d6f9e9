//! What a replay reports, while it runs and at its end.

use std::fmt;

use incident_domain::{
    incidents::{Status, TransitionError},
    kernel::{Conflict, ExternalName, StoreError},
    write::CommitError,
};
use thiserror::Error;

/// How far a replay has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayProgress {
    /// How many incidents exist by now.
    pub done: usize,
    /// How many the log has.
    pub total: usize,
}

/// The results of a replay.
#[derive(Debug)]
pub struct ReplayOutcome {
    /// How it ended.
    pub end: ReplayEnd,
    /// How many incidents were added.
    pub imported: usize,
    /// How many updates of the log went into them.
    pub updates_imported: usize,
    /// How many incidents existed before.
    pub already_there: usize,
    /// How many updates of the log belong to those.
    pub updates_already_there: usize,
    /// How many incidents were not reached, or could not be stored.
    pub remaining: usize,
    /// How many timeline entries were written.
    pub entries: usize,
    /// How many transitions were made that the log does not mention.
    pub implied_steps: usize,
    /// How many users were added for people of the log.
    pub people_added: usize,
    /// Where the log could not be followed exactly.
    pub adjustments: Vec<Adjustment>,
}

/// How a replay ended.
#[derive(Debug)]
pub enum ReplayEnd {
    /// Every incident of the log exists.
    Complete,
    /// It was asked to stop before that.
    Interrupted,
    /// It could not go on.
    Failed(ReplayError),
}

/// A place where the log could not be followed exactly, and was used nevertheless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// The line of the log.
    pub line: u64,
    /// The incident's number in the other system.
    pub incident: ExternalName,
    /// What was done instead.
    pub kind: AdjustmentKind,
}

/// What is done where a log cannot be followed exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdjustmentKind {
    /// The update claims to be earlier than the one before it, and took that one's time.
    TimeWentBack,
    /// The log begins when the work is done already; the transitions before are implied.
    BeginsOver(Status),
    /// No transitions lead there; the status stayed, and the rest of the update counts.
    NoWay {
        /// The incident's status.
        from: Status,
        /// The status that the log claims.
        to: Status,
    },
}

impl fmt::Display for AdjustmentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimeWentBack => f.write_str("its time lies before that of the update before it, which was taken"),
            Self::BeginsOver(status) => write!(f, "the log begins in {status}, the steps before are implied"),
            Self::NoWay { from, to } => write!(f, "no steps lead from {from} to {to}, the status stayed"),
        }
    }
}

/// Why a replay could not go on.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The store contradicts what was just read, which does not happen in ordinary running.
    #[error("an incident or its people could not be stored")]
    NotStored(#[source] Conflict),
    /// The state machine refused a transition of its own table, which does not happen in ordinary running.
    #[error("{incident} could not be replayed")]
    Step {
        /// The incident's number in the other system.
        incident: ExternalName,
        /// The refusal.
        source: TransitionError,
    },
}

impl From<CommitError> for ReplayError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Conflict(conflict) => Self::NotStored(conflict),
        }
    }
}

/// What the results count of one incident.
pub(super) struct Story {
    pub(super) entries: usize,
    pub(super) implied_steps: usize,
    pub(super) updates: usize,
    pub(super) adjustments: Vec<Adjustment>,
}

impl ReplayOutcome {
    pub(super) const fn new(incidents: usize) -> Self {
        Self {
            end: ReplayEnd::Complete,
            imported: 0,
            updates_imported: 0,
            already_there: 0,
            updates_already_there: 0,
            remaining: incidents,
            entries: 0,
            implied_steps: 0,
            people_added: 0,
            adjustments: Vec::new(),
        }
    }

    pub(super) fn add_imported(&mut self, story: Story) {
        self.imported += 1;
        self.updates_imported += story.updates;
        self.remaining -= 1;
        self.entries += story.entries;
        self.implied_steps += story.implied_steps;
        self.adjustments.extend(story.adjustments);
    }

    pub(super) const fn add_already_there(&mut self, updates: usize) {
        self.already_there += 1;
        self.updates_already_there += updates;
        self.remaining -= 1;
    }

    pub(super) const fn progress(&self) -> ReplayProgress {
        let done = self.imported + self.already_there;
        ReplayProgress { done, total: done + self.remaining }
    }
}
