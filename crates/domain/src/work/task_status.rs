//! The tasks' state machine: one table, from which the code, the docs and every refusal come.

use thiserror::Error;

use crate::kernel::names::named;

named!(
    /// Where a task stands; [`TASK_TRANSITIONS`] says which follow which.
    TaskStatus {
        /// Nobody has begun.
        Todo = "todo",
        /// Somebody is at it.
        InProgress = "in_progress",
        /// Finished; it can be taken up again.
        Done = "done",
        /// Not to be done; final.
        Cancelled = "cancelled",
    }
);

/// Every step there is, from and to; what is not here is refused.
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
/// use incident_domain::TASK_TRANSITIONS;
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

/// There is no such step.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a task cannot go from {from} to {to}")]
pub struct TaskTransitionError {
    /// Where it stands.
    pub from: TaskStatus,
    /// Where it was to go.
    pub to: TaskStatus,
    /// Where it can go from here.
    pub allowed: Vec<TaskStatus>,
}

impl TaskStatus {
    /// The statuses that can follow this one.
    pub fn allowed(self) -> impl Iterator<Item = Self> {
        TASK_TRANSITIONS.iter().filter(move |(from, _)| *from == self).map(|(_, to)| *to)
    }

    /// Goes to another status; to the same one, nothing happens.
    pub(super) fn step(self, to: Self) -> Result<Self, TaskTransitionError> {
        if self == to || TASK_TRANSITIONS.contains(&(self, to)) {
            return Ok(to);
        }
        Err(TaskTransitionError { from: self, to, allowed: self.allowed().collect() })
    }
}
