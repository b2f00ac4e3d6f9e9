//! Work on incidents: tasks with their categories, saved views of lists, lists of incidents with their tasks, and the
//! import of another system's incidents with everything that was done for them.

mod categories;
mod incident_lists;
mod published;
mod replay;
mod saved_views;
mod task_with_category;
mod tasks;

pub use categories::{Categories, CategoryError, CategoryRule, NamedCategory};
pub use incident_lists::{IncidentParts, IncidentWithParts};
pub use replay::{
    Adjustment, AdjustmentKind, ForeignLog, LoggedFields, LoggedIncident, LoggedTask, LoggedUpdate, People, Person,
    PersonKey, Replay, ReplayEnd, ReplayError, ReplayOutcome, ReplayPorts, ReplayProgress, Standing,
};
pub use saved_views::{NewSavedView, SavedViewError, SavedViewRule, SavedViews};
pub use task_with_category::NamedTask;
pub use tasks::{NewTask, TaskChange, TaskError, TaskPorts, TaskRule, TaskSelection, Tasks};
