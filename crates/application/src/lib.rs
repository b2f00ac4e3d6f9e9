//! # The use cases
//!
//! One function for each thing that an actor can do. A use case **reads** through the domain's
//! repositories, **decides** with the domain's pure functions, and **commits** one value. Authorisation
//! stands here, next to the rule it guards, and so does the format of the events that other systems see.
//!
//! The crate must never know HTTP or SQL, nor which adapters stand behind the ports.
//!
//! ## To add a use case
//!
//! 1. Add a function to the service it belongs to: check the caller's role, read, decide, commit.
//! 2. Let every change leave a timeline entry, an action and an event, in the change set that makes it.
//! 3. Give each new cause of failure a variant in the module's error enum; the HTTP adapter's match then
//!    tells you where to map it.

mod access;
mod accounts;
mod assignee;
mod audit;
mod auth;
mod categories;
mod command;
mod incident_ref;
mod incidents;
mod line_up;
mod logs;
mod new_password;
mod precondition;
mod published;
mod replay;
mod replies;
mod saved_views;
mod statistics;
mod tasks;
mod timelines;

pub use access::{Caller, Forbidden};
pub use accounts::{AccountError, AccountPorts, Accounts, ApiTokens, NewUser, UserChange};
pub use auth::{
    API_TOKEN_LIFETIME_DAYS_MAX, API_TOKENS_PER_USER_MAX, AccessToken, Auth, AuthError, AuthPorts, AuthSettings,
    Device, Limited, NewApiToken, Quotas, RecognisedCallers, SessionScope, SignedIn, Throttled,
};
pub use categories::{Categories, CategoryError, CategoryPorts, NamedCategory, NamedTask};
pub use command::Command;
pub use incident_ref::IncidentRef;
pub use incidents::{
    BULK_INCIDENTS_MAX, BulkChange, BulkItem, BulkOutcome, BulkRefusal, BulkStep, Found, FoundPage, Highlight,
    IncidentChange, IncidentError, IncidentParts, IncidentPorts, IncidentWithParts, Incidents, TimelinePage,
};
pub use logs::{EventPage, LogError, Logs};
pub use new_password::GuessablePassword;
pub use precondition::Precondition;
pub use replay::{
    Adjustment, AdjustmentKind, ForeignLog, LoggedFields, LoggedIncident, LoggedTask, LoggedUpdate, People, Person,
    PersonKey, Replay, ReplayEnd, ReplayError, ReplayOutcome, ReplayPorts, ReplayProgress, Standing,
};
pub use replies::{KeyedRequest, Replies, ReplyError, ReplyPorts, Turn};
pub use saved_views::{NewSavedView, SavedViewError, SavedViewPorts, SavedViews};
pub use statistics::{
    Breakdown, Bucket, Counted, Durations, HoldTime, Numbers, RememberedReports, STATISTICS_BUCKETS_MAX,
    STATISTICS_INCIDENTS_MAX, ServiceLevel, ServiceLevelNumbers, ServiceLevels, Span, Statistics, StatisticsError,
    StatisticsQuery, StatisticsReport,
};
pub use tasks::{NewTask, TaskChange, TaskError, TaskPorts, TaskSelection, Tasks};
pub use timelines::{
    ExportOutcome, TimelineError, TimelineExport, TimelineFault, TimelineFinding, TimelinePorts, TimelineProgress,
    TimelineVerdict, Timelines, TimelinesEnd, Unsealed, VerifyOutcome, WhichTimelines,
};
