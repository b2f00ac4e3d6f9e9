//! Working with tasks.

mod chosen;
mod error;
mod read;
mod write;

use std::sync::Arc;

use incident_domain::{
    CategoryName, Description, Patch, Priority, TaskStatus, TimelineKey, Timestamp, Title, UserId,
    ports::{CategoryRepository, Clock, IdGenerator, IncidentRepository, Store, TaskRepository, UserRepository},
};

use crate::{IncidentRef, Incidents, audit::Audit, line_up::Queues};

pub use error::TaskError;
pub use read::TaskSelection;

/// What working with tasks needs from the world.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct TaskPorts {
    pub store: Arc<dyn Store>,
    pub tasks: Arc<dyn TaskRepository>,
    pub categories: Arc<dyn CategoryRepository>,
    pub incidents: Arc<dyn IncidentRepository>,
    pub users: Arc<dyn UserRepository>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
}

/// A task to be made.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// The incident it is for.
    pub incident: Option<IncidentRef>,
    /// What is to be done.
    pub title: Title,
    /// What is to be known for it.
    pub description: Option<Description>,
    /// How important it is.
    pub priority: Priority,
    /// What kind of work it is; a category is made if there is none with this name.
    pub category: Option<CategoryName>,
    /// Who is to do it.
    pub assigned_to: Option<UserId>,
    /// Until when.
    pub due_at: Option<Timestamp>,
}

/// Changes to a task, as a client wants them.
#[derive(Clone, Debug, Default)]
pub struct TaskChange {
    /// A new title.
    pub title: Option<Title>,
    /// A new description, or none.
    pub description: Patch<Description>,
    /// A step of the state machine.
    pub status: Option<TaskStatus>,
    /// A new priority.
    pub priority: Option<Priority>,
    /// Another category by its name, or none; one is made if there is none with this name.
    pub category: Patch<CategoryName>,
    /// Another assignee, or nobody.
    pub assigned_to: Patch<UserId>,
    /// Another due date, or none.
    pub due_at: Patch<Timestamp>,
}

/// The use cases of tasks.
pub struct Tasks {
    ports: TaskPorts,
    key: TimelineKey,
    /// Shared with the incidents', whose timelines both write.
    queues: Arc<Queues>,
}

impl Tasks {
    /// A service that takes turns with the service of incidents in writing their timelines.
    pub fn new(ports: TaskPorts, incidents: &Incidents) -> Self {
        let (key, queues) = incidents.timeline_writing();
        Self { ports, key, queues }
    }

    fn audit(&self) -> Audit<'_> {
        Audit { store: &*self.ports.store, clock: &*self.ports.clock, ids: &*self.ports.ids }
    }
}
