//! What the API's bodies hold.

mod account;
mod filter;
mod incident;
mod log;
mod page;
mod patch;

pub use account::{ApiToken, CreatedApiToken, NewApiToken, NewUser, User, UserPatch};
pub use filter::{ActionFilter, IncidentFilter};
pub use incident::{
    Actor, ChainFault, ExternalReference, Incident, NewIncident, Requirement, Resolution, TimelineEntry,
    TimelineVerdict, Transition,
};
pub use log::{Action, Event, Events};
pub(crate) use page::CursorPage;
pub use page::Page;
pub use patch::IncidentPatch;
