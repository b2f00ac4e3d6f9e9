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
    Action, ActionFilter, Actor, ApiToken, AssigneeCount, BulkChange, Category, ChainFault, ChangedIncident,
    ChangedIncidentError, ChangedIncidents, CreatedApiToken, Direction, Durations, Event, Events, ExternalReference,
    Fragment, Highlight, Incident, IncidentFilter, IncidentNumbers, IncidentPatch, IncidentStatistics,
    IncidentStatisticsBucket, NewApiToken, NewIncident, NewSavedView, NewTask, NewUser, Page, PriorityCount,
    Requirement, Resolution, SavedView, SavedViewPatch, SearchResult, ServiceCount, ServiceLevel, StatisticsQuery,
    StatusCount, Task, TaskFilter, TaskPatch, TimelineEntry, TimelineVerdict, Transition, User, UserFilter, UserPatch,
};
pub use names::{
    EntryKind, ExportFormat, FoundIn, HoldReason, Impact, IncidentSort, ItemOutcome, Outcome, Priority, ResolutionCode,
    Role, Span, Status, TaskSort, TaskStatus, Urgency, UserSort, Verdict, ViewedList,
};
pub use problem::{Problem, ProblemCode, ProblemItem};
pub use resources::{
    Actions, ApiTokens, Categories, EventLog, Export, Incidents, SavedViews, Search, Statistics, Tasks, Users,
};
pub use retries::Retries;
pub use secret::Secret;
pub use transport::Expected;
