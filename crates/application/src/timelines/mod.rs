//! Timelines as a whole: whether they are what they were, and what is taken elsewhere to be checked there.

mod error;
mod export;
mod line;
mod outcome;
mod seal;
mod verdict;
mod verify;
mod walk;

pub use error::{TimelineError, TimelineFault, TimelineFinding};
pub use export::TimelineExport;
pub use outcome::{ExportOutcome, TimelineProgress, TimelinesEnd, VerifyOutcome};
pub use seal::Unsealed;
pub use verdict::{TimelinePorts, TimelineVerdict, Timelines};
pub use walk::WhichTimelines;

/// How many entries are read at a time, so that a timeline of any length is looked at in constant memory.
const ENTRIES_PER_READ: u32 = 500;

/// How many timelines are looked at at once.
const TIMELINES_IN_FLIGHT_MAX: usize = 8;
