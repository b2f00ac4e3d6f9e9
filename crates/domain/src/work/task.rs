//! Tasks and their changes.

use super::{CategoryId, TaskStatus, TaskTransitionError};
use crate::{
    incidents::{EntryDetails, IncidentId, Priority, TaskField},
    kernel::{
        Description, Patch, Record, RecordId as _, RecordKind, Reference, TaskId, Timestamp, Title, UserId, Version,
        Versioned,
    },
};

/// A piece of work, with or without an incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The identifier.
    pub id: TaskId,
    /// The incident that it is for. It never changes, and the deletion of the incident deletes the task.
    pub incident_id: Option<IncidentId>,
    /// The title.
    pub title: Title,
    /// The description.
    pub description: Option<Description>,
    /// The status.
    pub status: TaskStatus,
    /// The priority.
    pub priority: Priority,
    /// The category.
    pub category_id: Option<CategoryId>,
    /// The assignee.
    pub assigned_to: Option<UserId>,
    /// The due date.
    pub due_at: Option<Timestamp>,
    /// The user who created it.
    pub created_by: UserId,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The version.
    pub version: Version,
}

/// Changes to a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskPatch {
    /// The new title.
    pub title: Option<Title>,
    /// The new description, or none.
    pub description: Patch<Description>,
    /// The new status.
    pub status: Option<TaskStatus>,
    /// The new priority.
    pub priority: Option<Priority>,
    /// The new category, or none.
    pub category_id: Patch<CategoryId>,
    /// The new assignee, or none.
    pub assigned_to: Patch<UserId>,
    /// The new due date, or none.
    pub due_at: Patch<Timestamp>,
}

impl Task {
    /// Returns the task with these changes, and with the next version if any of them differs.
    pub fn patched(&self, patch: &TaskPatch, at: Timestamp) -> Result<Self, TaskTransitionError> {
        let mut task = self.clone();
        if let Some(title) = &patch.title {
            task.title.clone_from(title);
        }
        if let Some(status) = patch.status {
            task.status = self.status.step(status)?;
        }
        task.description = patch.description.applied_to(self.description.as_ref());
        task.priority = patch.priority.unwrap_or(self.priority);
        task.category_id = patch.category_id.applied_to(self.category_id.as_ref());
        task.assigned_to = patch.assigned_to.applied_to(self.assigned_to.as_ref());
        task.due_at = patch.due_at.applied_to(self.due_at.as_ref());
        if task != *self {
            task.version = self.version.next();
            task.updated_at = at.max(self.updated_at);
        }
        Ok(task)
    }

    /// Returns a timeline entry for each field that differs in `after`. `category` returns the name of a category,
    /// which the timeline keeps because the category may be deleted later.
    pub fn differences(&self, after: &Self, category: impl Fn(CategoryId) -> String) -> Vec<EntryDetails> {
        let values = |task: &Self| {
            [
                (TaskField::Status, Some(task.status.to_string())),
                (TaskField::Title, Some(task.title.to_string())),
                (TaskField::Description, task.description.as_ref().map(Description::to_string)),
                (TaskField::Priority, Some(task.priority.to_string())),
                (TaskField::Category, task.category_id.map(&category)),
                (TaskField::AssignedTo, task.assigned_to.map(|user| user.to_string())),
                (TaskField::DueAt, task.due_at.map(|at| at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())),
            ]
        };
        let pairs = values(self).into_iter().zip(values(after));
        pairs
            .filter(|((_, from), (_, to))| from != to)
            .map(|((field, from), (_, to))| EntryDetails::TaskChanged { task_id: self.id, field, from, to })
            .collect()
    }
}

impl Record for Task {
    type Id = TaskId;
    const KIND: RecordKind = TaskId::KIND;

    fn id(&self) -> TaskId {
        self.id
    }

    fn references(&self) -> Vec<Reference> {
        let incident = self.incident_id.map(Reference::to_owner);
        let category = self.category_id.map(Reference::to);
        let users = [self.assigned_to, Some(self.created_by)].into_iter().flatten().map(Reference::to);
        incident.into_iter().chain(category).chain(users).collect()
    }
}

impl Versioned for Task {
    fn version(&self) -> Version {
        self.version
    }
}
