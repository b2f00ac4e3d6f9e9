//! What the API's bodies hold.

mod account;
mod bulk;
mod filter;
mod incident;
mod log;
mod page;
mod patch;
mod search;
mod statistics;
mod task;
mod view;

pub use account::{ApiToken, CreatedApiToken, NewApiToken, NewUser, User, UserPatch};
pub use bulk::{BulkChange, ChangedIncident, ChangedIncidentError, ChangedIncidents};
pub use filter::{ActionFilter, Direction, IncidentFilter, StatisticsQuery, TaskFilter, UserFilter};
pub use incident::{
    Actor, ChainFault, ExternalReference, Incident, NewIncident, Requirement, Resolution, TimelineEntry,
    TimelineVerdict, Transition,
};
pub use log::{Action, Event, Events};
pub(crate) use page::CursorPage;
pub use page::Page;
pub use patch::IncidentPatch;
pub(crate) use search::SearchPage;
pub use search::{Fragment, Highlight, SearchResult};
pub use statistics::{
    AssigneeCount, Durations, IncidentNumbers, IncidentStatistics, IncidentStatisticsBucket, PriorityCount,
    ServiceCount, ServiceLevel, StatusCount,
};
pub use task::{Category, NewTask, Task, TaskPatch};
pub use view::{NewSavedView, SavedView, SavedViewPatch};
