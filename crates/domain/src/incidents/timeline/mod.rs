//! Timelines: what happened to an incident, in order, in a hash chain that reveals tampering.

mod chain;
mod details;
mod entry;
mod key;
mod replay;

pub use chain::{ChainFault, ChainVerifier};
pub use details::{EntryDetails, EntryKind, IncidentField, TaskField};
pub use entry::TimelineEntry;
pub use key::{KeyCheck, TimelineEnd, TimelineKey};
