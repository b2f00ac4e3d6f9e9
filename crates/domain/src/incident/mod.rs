//! The incident: something that needs people until it is over.

mod filter;
mod found;
mod labels;
mod number;
mod patch;
mod priority;
mod record;
mod resolution;
mod sort;
mod status;
mod transition;

pub use filter::{IncidentFilter, TextReach};
pub use labels::{Labels, LabelsError};
pub use number::{IncidentNumber, IncidentNumberError};
pub use patch::{IncidentPatch, Patch};
pub use priority::{Impact, Priority, Urgency};
pub use record::{ExternalReference, Incident, IncidentRecord, NewIncident};
pub use resolution::{Resolution, ResolutionCode};
pub use sort::{IncidentSort, IncidentSortKey};
pub use status::{HoldReason, Status};
pub use transition::{Requirement, TRANSITIONS, Transition, TransitionError, TransitionRequest};
