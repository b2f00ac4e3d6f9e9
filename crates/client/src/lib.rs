#![doc = include_str!("../README.md")]
//!
//! ## To add an operation
//!
//! 1. Its bodies go to `model`, as the OpenAPI document names them; a set of names goes to `names`.
//! 2. Its method goes to its resource in `resources`, by the path below `/api/v1`. Commands get their key from `Transport`.
//! 3. A black-box test in `crates/server/tests/api/typed_client` calls it on a real server.

mod client;
mod error;
mod model;
mod names;
mod problem;
mod resources;
mod retries;
mod secret;
mod transport;

pub use client::{Client, ClientBuilder};
pub use error::ClientError;
pub use model::{
    Action, ActionFilter, Actor, ApiToken, ChainFault, CreatedApiToken, Event, Events, ExternalReference, Incident,
    IncidentFilter, IncidentPatch, NewApiToken, NewIncident, NewUser, Page, Requirement, Resolution, TimelineEntry,
    TimelineVerdict, Transition, User, UserPatch,
};
pub use names::{EntryKind, HoldReason, Impact, Outcome, Priority, ResolutionCode, Role, Status, Urgency, Verdict};
pub use problem::{Problem, ProblemCode, ProblemItem};
pub use resources::{Actions, ApiTokens, EventLog, Incidents, Users};
pub use retries::Retries;
pub use secret::Secret;
pub use transport::Expected;
