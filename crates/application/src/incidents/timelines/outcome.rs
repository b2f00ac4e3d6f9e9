//! The results of reading many timelines, during it and at its end.

use super::TimelineError;

/// How far it has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineProgress {
    /// How many incidents were read.
    pub done: u64,
    /// How many there were at the start.
    pub total: u64,
}

/// How reading timelines ended.
#[derive(Debug)]
pub enum TimelinesEnd {
    /// All requested timelines were read.
    Complete,
    /// It was asked to stop before that.
    Interrupted,
    /// It could not go on.
    Failed(TimelineError),
}

/// The results of checking timelines.
#[derive(Debug)]
pub struct VerifyOutcome {
    /// How it ended.
    pub end: TimelinesEnd,
    /// How many timelines were checked.
    pub checked: u64,
    /// How many entries fit, in all of them.
    pub entries_whole: u64,
    /// How many timelines have a fault.
    pub faulty: u64,
    /// How many of those only lack the seal.
    pub unsealed: u64,
    /// How many only lacked the seal, and got it now.
    pub sealed: u64,
}

/// The results of an export.
#[derive(Debug)]
pub struct ExportOutcome {
    /// How it ended.
    pub end: TimelinesEnd,
    /// How many incidents were written.
    pub incidents: u64,
    /// How many entries were written.
    pub entries: u64,
}

/// Why a walk along the incidents stops early.
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
