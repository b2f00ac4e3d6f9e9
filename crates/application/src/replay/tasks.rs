//! The tasks of a rebuilt incident.

use incident_domain::{EntryDetails, Event, Task, TaskPatch, TaskStatus, Timestamp, ports::IdGenerator};

use crate::published;

/// A task as it was at first, and after each change.
pub(super) struct TaskLife {
    first: Task,
    changed: Vec<Task>,
    /// With which of the incident's updates it is done.
    pub(super) done_with: Option<usize>,
}

impl TaskLife {
    pub(super) const fn new(first: Task, done_with: Option<usize>) -> Self {
        Self { first, changed: Vec::new(), done_with }
    }

    /// What the timeline tells of its beginning.
    pub(super) fn added(&self) -> EntryDetails {
        EntryDetails::TaskAdded { task_id: self.first.id, title: self.first.title.clone() }
    }

    /// Takes the steps until it is done, and answers what the timeline tells of them.
    pub(super) fn finish(&mut self, at: Timestamp) -> Vec<EntryDetails> {
        let mut told = Vec::new();
        for status in [TaskStatus::InProgress, TaskStatus::Done] {
            let patch = TaskPatch { status: Some(status), ..TaskPatch::default() };
            // The state machine has both steps, one after the other.
            let Ok(after) = self.last().patched(&patch, at) else { break };
            told.extend(self.last().differences(&after, |category| category.to_string()));
            self.changed.push(after);
        }
        told
    }

    /// How it is in the end.
    pub(super) fn last(&self) -> &Task {
        self.changed.last().unwrap_or(&self.first)
    }

    /// An event for what it was at first, and for each change.
    pub(super) fn events(&self, ids: &dyn IdGenerator) -> Vec<Event> {
        let kinds = std::iter::once("created").chain(std::iter::repeat("changed"));
        let life = std::iter::once(&self.first).chain(&self.changed);
        kinds.zip(life).map(|(kind, task)| published::of_task(kind, task, task.updated_at, ids)).collect()
    }
}
