//! The timeline: what happened to an incident, in order, chained so that tampering shows.

mod chain;
mod details;
mod entry;

pub use chain::{ChainFault, ChainVerifier, TimelineEnd, TimelineKey};
pub use details::{EntryDetails, EntryKind, IncidentField, TaskField};
pub use entry::TimelineEntry;
