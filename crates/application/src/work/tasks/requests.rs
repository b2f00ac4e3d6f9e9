//! What clients want of tasks.

use incident_domain::{
    incidents::Priority,
    kernel::{Description, Patch, Timestamp, Title, UserId},
    work::{CategoryName, TaskPatch, TaskStatus},
};

use super::category_choice::CategoryChoice;
use crate::incidents::IncidentRef;

/// A task to be created.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// The incident that it is for.
    pub incident: Option<IncidentRef>,
    /// What is to be done.
    pub title: Title,
    /// What else is known.
    pub description: Option<Description>,
    /// How important it is.
    pub priority: Priority,
    /// Its category, which is created if there is none with this name.
    pub category: Option<CategoryName>,
    /// Who is to do it.
    pub assigned_to: Option<UserId>,
    /// When it is due.
    pub due_at: Option<Timestamp>,
}

/// What a client wants changed about a task.
#[derive(Clone, Debug, Default)]
pub struct TaskChange {
    /// A new title.
    pub title: Option<Title>,
    /// A new description, or none.
    pub description: Patch<Description>,
    /// The status to go to.
    pub status: Option<TaskStatus>,
    /// A new priority.
    pub priority: Option<Priority>,
    /// Another category by its name, or none; it is created if there is none with this name.
    pub category: Patch<CategoryName>,
    /// Another assignee, or none.
    pub assigned_to: Patch<UserId>,
    /// Another due date, or none.
    pub due_at: Patch<Timestamp>,
}

impl TaskChange {
    /// Returns what the audit calls the command.
    pub(super) const fn kind(&self) -> &'static str {
        if self.status.is_some() { "task.transition" } else { "task.update" }
    }

    /// Returns the change with the category that was chosen for its name.
    pub(super) fn patch(&self, chosen: &CategoryChoice) -> TaskPatch {
        TaskPatch {
            title: self.title.clone(),
            description: self.description.clone(),
            status: self.status,
            priority: self.priority,
            category_id: match (&self.category, &chosen.category) {
                (Patch::Clear, _) => Patch::Clear,
                (Patch::Set(_), Some(category)) => Patch::Set(category.id),
                // The same name as before.
                (Patch::Keep | Patch::Set(_), _) => Patch::Keep,
            },
            assigned_to: self.assigned_to.clone(),
            due_at: self.due_at.clone(),
        }
    }
}
