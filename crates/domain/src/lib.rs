//! # The incident domain
//!
//! Incidents and their rules as plain values and pure functions: entities, state machines, the hash chain of timelines,
//! change sets, and the ports that adapters implement. The crate exists so that every rule has one place, can be tested
//! without a database or a server, and can be embedded in other services.
//!
//! It must never know an asynchronous runtime, a database, HTTP, a serialisation format, the wall clock or random numbers.
//!
//! ## Glossary
//!
//! | context | word | meaning |
//! |---|---|---|
//! | [`kernel`] | record | a value with an identifier that is stored as one row: [`kernel::Record`] |
//! | | version | the number of changes of a record, for optimistic concurrency: [`kernel::Version`] |
//! | | actor | the author of a change: [`kernel::Actor`] |
//! | | action | an audited command, carried out or refused: [`kernel::Action`] |
//! | | event | a published fact about a change: [`kernel::Event`] |
//! | | idempotency key | the client's name for a request, by which repetitions are recognised: [`kernel::IdempotencyKey`] |
//! | | job | a unit of background work: [`kernel::Job`] |
//! | | lease | the exclusive right to do some work until a time: [`kernel::Lease`] |
//! | | quota | the number of requests admitted per period: [`kernel::Quota`] |
//! | | port | a trait that an adapter implements, such as [`kernel::Repository`] or [`kernel::Clock`] |
//! | [`identity`] | user | a person with an account and a role: [`identity::User`] |
//! | | session | a signed-in device: [`identity::Session`] |
//! | | access token | a short-lived token of a session: [`identity::AccessClaims`] |
//! | | refresh token | renews a session's access token, once: [`identity::RefreshToken`] |
//! | | API token | lets a program act on behalf of a user: [`identity::ApiToken`] |
//! | [`catalog`] | service | something that a team runs and that incidents are about: [`catalog::Service`] |
//! | [`incidents`] | incident | an unplanned disruption that people work on until it is over: [`incidents::Incident`] |
//! | | transition | a change of status that the state machine allows: [`incidents::TRANSITIONS`] |
//! | | revision | an incident with its changes since it was read: [`incidents::Revision`] |
//! | | timeline | the append-only log of an incident: [`incidents::TimelineEntry`] |
//! | | seal | proof that a timeline's end is the one that the server wrote: [`incidents::TimelineKey`] |
//! | [`work`] | task | a piece of work, usually for an incident: [`work::Task`] |
//! | | category | the kind of work of a task: [`work::Category`] |
//! | | saved view | the conditions of a list under a name: [`work::SavedView`] |
//! | [`mod@write`] | change set | all changes of one command, stored all or not at all: [`write::ChangeSet`] |
//!
//! ## Resolving an incident
//!
//! `examples/in_memory.rs` opens, acknowledges and resolves an incident. The last step is:
//!
//! ```
//! use incident_domain::{
//!     incidents::{Incident, Resolution, ResolutionCode, Stamp, Status, TransitionError, TransitionRequest},
//!     write::ChangeSet,
//! };
//!
//! fn resolve(incident: Incident, stamp: &Stamp<'_>) -> Result<ChangeSet, TransitionError> {
//!     let resolution = Resolution { code: ResolutionCode::Fixed, note: None };
//!     let request = TransitionRequest { resolution: Some(resolution), ..TransitionRequest::to(Status::Resolved) };
//!     Ok(ChangeSet::new().revise(incident.revise().transition(&request, stamp)?))
//! }
//! ```
//!
//! ## To add a record
//!
//! 1. Declare the type and its identifier in a file of its context, implement [`kernel::Record`], and also
//!    [`kernel::Versioned`] if it can be changed.
//! 2. Name it in `src/write/records.rs`; the compiler then lists what the adapters lack.
//! 3. Implement [`kernel::Listed`] for its list. If it has further queries, declare a port for them in the context's
//!    `ports.rs`, with a MUST for each property that an adapter has to have, and add a case for each to the contract.
//!
//! `docs/adding-an-entity.md` describes the steps in the other crates.
//!
//! ## To add a field to the incident
//!
//! 1. Add it to [`incidents::IncidentRecord`], to [`incidents::NewIncident`] and [`incidents::IncidentPatch`] if clients
//!    set it, and to [`incidents::IncidentField`] so that the timeline shows its changes.
//! 2. Add the column in a migration and in the row of the storage adapter; a case of the store contract fails without it.
//! 3. Add it to the bodies of the HTTP adapter and regenerate `docs/openapi.json`.

pub mod catalog;
pub mod identity;
pub mod incidents;
pub mod kernel;
pub mod work;
pub mod write;

/// Compiles and runs the code of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
