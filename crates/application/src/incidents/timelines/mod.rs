//! Timelines as a whole: checking them for tampering, and exporting them to be checked elsewhere.

mod error;
mod export;
mod keys;
mod line;
mod outcome;
mod seal;
mod verdict;
mod verify;
mod walk;

pub use error::{TimelineError, TimelineFault, TimelineFinding};
pub use export::TimelineExport;
pub use keys::{ConfirmedStore, KeyChange, KeyMismatch, TimelineKeyError, TimelineKeyPorts, TimelineKeys};
pub use outcome::{ExportOutcome, TimelineProgress, TimelinesEnd, VerifyOutcome};
pub use seal::Unsealed;
pub use verdict::{TimelinePorts, TimelineVerdict, Timelines};
pub use walk::WhichTimelines;
