//! Which tasks a list is to show, and in which order.

use super::{CategoryId, Task, TaskStatus};
use crate::{
    incidents::{IncidentId, Priority},
    kernel::{Direction, Sort, SortKey, SortPosition, TimeRange, Timestamp, UserId, names::named},
};

/// Every given condition must hold; of several values of one condition any will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Any of these statuses; all when empty.
    pub statuses: Vec<TaskStatus>,
    /// Any of these priorities; all when empty.
    pub priorities: Vec<Priority>,
    /// For this incident.
    pub incident_id: Option<IncidentId>,
    /// Of this category.
    pub category_id: Option<CategoryId>,
    /// Assigned to this user.
    pub assigned_to: Option<UserId>,
    /// Thought of by this user.
    pub created_by: Option<UserId>,
    /// Due in this span.
    pub due: TimeRange,
}

impl TaskFilter {
    /// Whether a task fulfils every condition: what an adapter's query must mean.
    pub fn matches(&self, task: &Task) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&task.status))
            && (self.priorities.is_empty() || self.priorities.contains(&task.priority))
            && self.incident_id.is_none_or(|incident| task.incident_id == Some(incident))
            && self.category_id.is_none_or(|category| task.category_id == Some(category))
            && self.assigned_to.is_none_or(|user| task.assigned_to == Some(user))
            && self.created_by.is_none_or(|user| task.created_by == user)
            && self.due.contains(task.due_at)
    }
}

named!(
    /// By what tasks can be ordered.
    TaskSortKey {
        /// When they were made: by id, the cheapest order.
        CreatedAt = "created_at",
        /// When they last changed.
        UpdatedAt = "updated_at",
        /// When they are due; those that never are come last.
        DueAt = "due_at",
        /// How important they are, critical ones before others.
        Priority = "priority",
    }
);

impl TaskSortKey {
    /// When a task counts as due that has no due date: the last microsecond of the year 9999.
    pub const NEVER: Timestamp = {
        match Timestamp::from_timestamp_micros(253_402_300_799_999_999) {
            Some(never) => never,
            None => Timestamp::MAX_UTC,
        }
    };
}

/// The order of a list of tasks.
pub type TaskSort = Sort<TaskSortKey>;

/// The newest first.
impl Default for TaskSort {
    fn default() -> Self {
        Self { key: TaskSortKey::CreatedAt, direction: Direction::Descending }
    }
}

impl SortKey for TaskSortKey {
    type Item = Task;

    fn position_of(self, task: &Task) -> SortPosition {
        match self {
            Self::CreatedAt => SortPosition::Id,
            Self::UpdatedAt => SortPosition::Time(task.updated_at),
            Self::DueAt => SortPosition::Time(task.due_at.unwrap_or(Self::NEVER)),
            Self::Priority => SortPosition::Rank(task.priority.rank()),
        }
    }

    fn has(self, position: &SortPosition) -> bool {
        match self {
            Self::CreatedAt => matches!(position, SortPosition::Id),
            Self::UpdatedAt | Self::DueAt => matches!(position, SortPosition::Time(_)),
            Self::Priority => matches!(position, SortPosition::Rank(_)),
        }
    }
}
