//! # The incident domain
//!
//! What incidents are and which rules they follow, as plain values and pure functions: entities, the
//! state machine, the timeline's hash chain, change sets, and the ports through which a program gives
//! the domain a store, a clock and ids.
//!
//! The crate must never know an asynchronous runtime, a database, HTTP, a serialisation format, the wall
//! clock or random numbers. That keeps it small enough to embed in any other service, and every rule in
//! it testable without anything running.
//!
//! ## Glossary
//!
//! | word | meaning |
//! |---|---|
//! | incident | something that needs people until it is over: [`Incident`] |
//! | timeline | the append-only log of what happened to an incident: [`TimelineEntry`] |
//! | transition | a step of the incident's state machine: [`TRANSITIONS`] |
//! | revision | an incident with the changes made to it since it was read: [`Revision`] |
//! | task | a piece of work, usually for an incident: [`Task`] |
//! | category | what kind of work a task is: [`Category`] |
//! | saved view | a list's conditions under a name of its user's: [`SavedView`] |
//! | change set | everything one command changes, stored all or not at all: [`ChangeSet`] |
//! | session | one signed-in device: [`Session`] |
//! | refresh token | renews a session's access token, once: [`RefreshToken`] |
//! | API token | lets a machine in on behalf of a user: [`ApiToken`] |
//! | quota | how often something may be done: [`Quota`] |
//! | action | one audited thing that somebody did, or wanted to do: [`Action`] |
//! | event | a published fact about a change: [`Event`] |
//! | idempotency key | what a client calls a request, so that it is done once: [`IdempotencyKey`] |
//! | port | what the domain needs from the world, as a trait: [`ports`] |
//!
//! ## Open, acknowledge and resolve
//!
//! See `examples/in_memory.rs` for the whole program; the heart of it is
//!
//! ```
//! # use incident_domain::*;
//! # fn resolve(incident: Incident, stamp: &Stamp<'_>) -> Result<ChangeSet, TransitionError> {
//! let resolution = Resolution { code: ResolutionCode::Fixed, note: None };
//! let request = TransitionRequest { resolution: Some(resolution), ..TransitionRequest::to(Status::Resolved) };
//! let revision = incident.revise().transition(&request, stamp)?;
//! # return
//! Ok(ChangeSet::new().revise(revision))
//! # ;
//! # }
//! ```
//!
//! ## To add a field to the incident
//!
//! 1. Add it to [`IncidentRecord`] (and to [`NewIncident`] and [`IncidentPatch`] if clients give it), and to
//!    [`IncidentField`] so that its changes show in the timeline.
//! 2. Add the column by a migration and to the row of the storage adapter; the contract suite tells when
//!    it is forgotten.
//! 3. Add it to the bodies of the HTTP adapter and take over the OpenAPI snapshot.

pub mod identity;
pub mod incidents;
pub mod kernel;
pub mod work;
pub mod write;

pub use identity::*;
pub use incidents::*;
pub use kernel::*;
pub use work::*;
pub use write::*;

/// Every port.
pub mod ports {
    pub use crate::{identity::*, incidents::*, kernel::*, work::*, write::*};
}

/// Compiles and runs what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
