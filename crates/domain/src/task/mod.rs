//! The task: a piece of work, usually for an incident.

mod filter;
mod record;
mod status;

pub use filter::{TaskFilter, TaskSort, TaskSortKey};
pub use record::{Task, TaskPatch};
pub use status::{TASK_TRANSITIONS, TaskStatus, TaskTransitionError};
