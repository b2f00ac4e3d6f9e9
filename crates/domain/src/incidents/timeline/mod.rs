//! The timeline: what happened to an incident, in order, chained so that tampering shows.

mod chain;
mod details;
mod entry;
mod key;

pub use chain::{ChainFault, ChainVerifier};
pub use details::{EntryDetails, EntryKind, IncidentField, TaskField};
pub use entry::TimelineEntry;
pub use key::{TimelineEnd, TimelineKey};
