//! The state machine of tasks: one table, from which the code, the docs and every refusal derive.

use thiserror::Error;

use crate::kernel::names::named;

named!(
    /// The status of a task; [`TASK_TRANSITIONS`] lists which can follow which.
    TaskStatus {
        /// Not begun.
        Todo = "todo",
        /// In progress.
        InProgress = "in_progress",
        /// Finished; work on it can be resumed.
        Done = "done",
        /// Not to be done; final.
        Cancelled = "cancelled",
    }
);

/// All transitions, from and to; any other is refused.
///
/// | from | to |
/// |---|---|
/// | todo | in_progress |
/// | todo | cancelled |
/// | in_progress | done |
/// | in_progress | cancelled |
/// | done | in_progress |
///
/// The table above is this constant, row for row:
///
/// ```
/// use incident_domain::work::TASK_TRANSITIONS;
///
/// let source = include_str!("task_status.rs");
/// let documented = source.lines().filter_map(|line| line.strip_prefix("/// | "));
/// let rows: Vec<&str> = documented.filter(|row| !row.starts_with("from ")).collect();
/// let table: Vec<String> = TASK_TRANSITIONS.iter().map(|(from, to)| format!("{from} | {to} |")).collect();
/// assert_eq!(rows, table);
/// ```
pub const TASK_TRANSITIONS: &[(TaskStatus, TaskStatus)] = &[
    (TaskStatus::Todo, TaskStatus::InProgress),
    (TaskStatus::Todo, TaskStatus::Cancelled),
    (TaskStatus::InProgress, TaskStatus::Done),
    (TaskStatus::InProgress, TaskStatus::Cancelled),
    (TaskStatus::Done, TaskStatus::InProgress),
];

/// A transition that is not in [`TASK_TRANSITIONS`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a task cannot go from {from} to {to}")]
pub struct TaskTransitionError {
    /// The current status.
    pub from: TaskStatus,
    /// The requested status.
    pub to: TaskStatus,
    /// The statuses that can follow the current one.
    pub allowed: Vec<TaskStatus>,
}

impl TaskStatus {
    /// Returns the statuses that can follow this one.
    pub fn allowed(self) -> impl Iterator<Item = Self> {
        TASK_TRANSITIONS.iter().filter(move |(from, _)| *from == self).map(|(_, to)| *to)
    }

    /// Returns the new status; a transition to the same status is accepted.
    pub(super) fn step(self, to: Self) -> Result<Self, TaskTransitionError> {
        if self == to || TASK_TRANSITIONS.contains(&(self, to)) {
            return Ok(to);
        }
        Err(TaskTransitionError { from: self, to, allowed: self.allowed().collect() })
    }
}
