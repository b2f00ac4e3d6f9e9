//! The filter and the order of lists of tasks.

use super::{CategoryId, Task, TaskStatus};
use crate::{
    incidents::{IncidentId, Priority},
    kernel::{Direction, Listed, Sort, SortKey, SortPosition, TimeRange, Timestamp, UserId, names::named},
};

/// The conditions of a list of tasks. All of them must hold; of several values of one condition, any one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Any of these statuses; every status if empty.
    pub statuses: Vec<TaskStatus>,
    /// Any of these priorities; every priority if empty.
    pub priorities: Vec<Priority>,
    /// The incident.
    pub incident_id: Option<IncidentId>,
    /// The category.
    pub category_id: Option<CategoryId>,
    /// The assignee.
    pub assigned_to: Option<UserId>,
    /// The user who created it.
    pub created_by: Option<UserId>,
    /// The range of the due date.
    pub due: TimeRange,
}

impl Listed for Task {
    type Filter = TaskFilter;
    type SortKey = TaskSortKey;

    fn matches(&self, filter: &TaskFilter) -> bool {
        (filter.statuses.is_empty() || filter.statuses.contains(&self.status))
            && (filter.priorities.is_empty() || filter.priorities.contains(&self.priority))
            && filter.incident_id.is_none_or(|incident| self.incident_id == Some(incident))
            && filter.category_id.is_none_or(|category| self.category_id == Some(category))
            && filter.assigned_to.is_none_or(|user| self.assigned_to == Some(user))
            && filter.created_by.is_none_or(|user| self.created_by == user)
            && filter.due.contains(self.due_at)
    }
}

named!(
    /// The keys by which tasks can be sorted.
    TaskSortKey {
        /// The time of creation, by id: the cheapest order.
        CreatedAt = "created_at",
        /// The time of the last change.
        UpdatedAt = "updated_at",
        /// The due date; tasks without one come last.
        DueAt = "due_at",
        /// The priority, critical first.
        Priority = "priority",
    }
);

impl TaskSortKey {
    /// The due date by which tasks without one are sorted: the last microsecond of the year 9999.
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
