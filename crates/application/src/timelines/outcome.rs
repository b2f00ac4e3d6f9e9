//! What looking at many timelines came to, while it goes on and afterwards.

use super::TimelineError;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineProgress {
    /// How many incidents were looked at.
    pub done: u64,
    /// How many there were at the beginning.
    pub total: u64,
}

/// How looking at timelines ended.
#[derive(Debug)]
pub enum TimelinesEnd {
    /// All that were asked for were looked at.
    Complete,
    /// It was asked to stop before that.
    Interrupted,
    /// It could not go on.
    Failed(TimelineError),
}

/// What was found about timelines.
#[derive(Debug)]
pub struct VerifyOutcome {
    /// How it ended.
    pub end: TimelinesEnd,
    /// How many timelines were checked.
    pub checked: u64,
    /// How many entries fit, in all of them.
    pub entries_whole: u64,
    /// How many timelines are not what they were.
    pub faulty: u64,
    /// How many of those would be whole if they had a seal.
    pub unsealed: u64,
    /// How many were whole but for their seal, and have got one now.
    pub sealed: u64,
}

/// What was exported.
#[derive(Debug)]
pub struct ExportOutcome {
    /// How it ended.
    pub end: TimelinesEnd,
    /// How many incidents were written.
    pub incidents: u64,
    /// How many entries were written.
    pub entries: u64,
}

/// Why a walk ends before its end.
#[derive(Debug)]
pub(super) enum Halt {
    Stopped,
    Failed(TimelineError),
}

impl<E: Into<TimelineError>> From<E> for Halt {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Result<(), Halt>> for TimelinesEnd {
    fn from(result: Result<(), Halt>) -> Self {
        match result {
            Ok(()) => Self::Complete,
            Err(Halt::Stopped) => Self::Interrupted,
            Err(Halt::Failed(error)) => Self::Failed(error),
        }
    }
}
