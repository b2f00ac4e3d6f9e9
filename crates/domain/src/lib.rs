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
//! Ok(ChangeSet::new().with_revision(revision))
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

mod action;
mod actor;
mod api_token;
mod cache_key;
mod category;
mod change;
mod change_set;
mod entry_hash;
mod event;
mod id;
mod idempotency;
mod incident;
mod machine;
mod named;
mod page;
mod password;
pub mod ports;
mod rate_limit;
mod refresh_token;
mod revision;
mod saved_view;
mod search;
mod session;
mod sorting;
mod statistics;
mod task;
mod text;
mod timeline;
mod token_error;
mod token_secret;
mod user;
mod user_list;
mod version;

pub use action::{Action, ActionFilter, Origin, Outcome, OutcomeKind};
pub use actor::Actor;
pub use api_token::{ApiToken, ApiTokenSelection};
pub use cache_key::CacheKey;
pub use category::{Category, CategoryName};
pub use change::Change;
pub use change_set::ChangeSet;
pub use entry_hash::{EntryHash, EntryHashError};
pub use event::{Event, LoggedEvent};
pub use id::{
    ActionId, ApiTokenId, CategoryId, EntryId, EventId, IncidentId, RefreshTokenId, SavedViewId, SessionId, TaskId,
    UserId,
};
pub use idempotency::{IdempotencyKey, IdempotencyKeyError, RequestFingerprint, StoredReply};
pub use incident::{
    ExternalReference, HoldReason, Impact, Incident, IncidentFilter, IncidentNumber, IncidentNumberError,
    IncidentPatch, IncidentRecord, IncidentSort, IncidentSortKey, Labels, LabelsError, NewIncident, Patch, Priority,
    Requirement, Resolution, ResolutionCode, Status, TRANSITIONS, TextReach, Transition, TransitionError,
    TransitionRequest, Urgency,
};
pub use named::UnknownName;
pub use page::{Page, PageRequest, PageSize, PageSizeError};
pub use password::{Password, PasswordError};
pub use rate_limit::{Admission, Quota, RateKey};
pub use refresh_token::{Refresh, RefreshToken, Spending};
pub use revision::{Expected, Revision, Stamp};
pub use saved_view::{SavedView, ViewedList};
pub use search::{FoundIn, Fragment, SEARCH_HITS_MAX, SearchHit, SearchTerm, SearchText, SearchTextError, words_of};
pub use session::{LiveSessions, Revocation, RevocationReason, Session, SessionSelection};
pub use sorting::{Direction, ListCursor, ListCursorError, Sort, SortKey, SortPosition, TimeRange};
pub use statistics::{IncidentTimes, StatusStep};
pub use task::{TASK_TRANSITIONS, Task, TaskFilter, TaskPatch, TaskSort, TaskSortKey, TaskStatus, TaskTransitionError};
pub use text::{
    Description, ExternalName, Label, LabelKey, LabelValue, Note, PersonName, TextError, Title, ViewFilter,
};
pub use timeline::{
    ChainFault, ChainVerifier, EntryDetails, EntryKind, IncidentField, TaskField, TimelineEnd, TimelineEntry,
    TimelineKey,
};
pub use token_secret::{SecretKind, TokenHash, TokenSecret};
pub use user::{Email, EmailError, PasswordHash, Role, User, UserPatch};
pub use user_list::{UserFilter, UserSort, UserSortKey};
pub use version::Version;

/// An instant in UTC; whole microseconds wherever it is stored.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// Compiles and runs what the README shows.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
