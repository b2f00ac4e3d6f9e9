//! The tasks of a replayed incident.

use incident_domain::{
    incidents::EntryDetails,
    kernel::{Event, IdGenerator, Timestamp},
    work::{Task, TaskPatch, TaskStatus},
};

use crate::kernel::Published as _;

/// A task as it was at first, and after each change.
pub(super) struct TaskHistory {
    first: Task,
    changed: Vec<Task>,
    /// With which of the incident's updates it is done.
    pub(super) done_with: Option<usize>,
}

impl TaskHistory {
    pub(super) const fn new(first: Task, done_with: Option<usize>) -> Self {
        Self { first, changed: Vec::new(), done_with }
    }

    /// Returns the timeline entry of its creation.
    pub(super) fn added(&self) -> EntryDetails {
        EntryDetails::TaskAdded { task_id: self.first.id, title: self.first.title.clone() }
    }

    /// Makes the transitions until it is done, and returns their timeline entries.
    pub(super) fn finish(&mut self, at: Timestamp) -> Vec<EntryDetails> {
        let mut entries = Vec::new();
        for status in [TaskStatus::InProgress, TaskStatus::Done] {
            let patch = TaskPatch { status: Some(status), ..TaskPatch::default() };
            // The state machine has both transitions, one after the other.
            let Ok(after) = self.last().patched(&patch, at) else { break };
            entries.extend(self.last().differences(&after, |category| category.to_string()));
            self.changed.push(after);
        }
        entries
    }

    /// Returns the task as it is in the end.
    pub(super) fn last(&self) -> &Task {
        self.changed.last().unwrap_or(&self.first)
    }

    /// Returns an event for its creation and for each change.
    pub(super) fn events(&self, ids: &dyn IdGenerator) -> Vec<Event> {
        let kinds = std::iter::once("created").chain(std::iter::repeat("changed"));
        let versions = std::iter::once(&self.first).chain(&self.changed);
        kinds.zip(versions).map(|(kind, task)| task.event(kind, task.updated_at, ids)).collect()
    }
}
