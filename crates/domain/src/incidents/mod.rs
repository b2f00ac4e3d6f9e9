//! Incidents: their state machine, timelines, search and statistics.

mod entry_hash;
mod filter;
mod found;
mod id;
mod incident;
mod labels;
mod list_order;
mod number;
mod patch;
mod ports;
mod priority;
mod resolution;
mod revision;
mod search;
mod statistics;
mod status;
mod timeline;
mod transition;
mod words;

pub use entry_hash::{EntryHash, EntryHashError};
pub use filter::{IncidentFilter, SearchScope};
pub use id::{EntryId, IncidentId};
pub use incident::{ExternalReference, Incident, IncidentRecord, NewIncident};
pub use labels::{Labels, LabelsError};
pub use list_order::{IncidentSort, IncidentSortKey};
pub use number::{IncidentNumber, IncidentNumberError};
pub use patch::IncidentPatch;
pub use ports::{
    IncidentNumbers, IncidentRepository, OverviewRepository, SearchRepository, StatisticsRepository,
    TimelineKeyRepository, TimelineRepository,
};
pub use priority::{Impact, Priority, Urgency};
pub use resolution::{Resolution, ResolutionCode};
pub use revision::{Expected, Revision, Stamp};
pub use search::{FoundIn, Fragment, SEARCH_HITS_MAX, SearchHit, SearchTerm, SearchText, SearchTextError};
pub use statistics::{IncidentTimes, StatusStep};
pub use status::{HoldReason, Status};
pub use timeline::{
    ChainFault, ChainVerifier, EntryDetails, EntryKind, IncidentField, KeyCheck, TaskField, TimelineEnd, TimelineEntry,
    TimelineKey,
};
pub use transition::{Requirement, TRANSITIONS, Transition, TransitionError, TransitionRequest};

#[cfg(feature = "mocks")]
pub use ports::{
    MockIncidentNumbers, MockIncidentRepository, MockOverviewRepository, MockSearchRepository,
    MockStatisticsRepository, MockTimelineKeyRepository, MockTimelineRepository,
};
pub use words::{words_of, words_of_number};
