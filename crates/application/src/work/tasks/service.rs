//! What all use cases of tasks share.

use std::sync::Arc;

use incident_domain::{
    identity::UserRepository,
    incidents::{IncidentRepository, TimelineKey, TimelineRepository},
    kernel::TaskId,
    work::{CategoryRepository, Task, TaskRepository},
};

use crate::{
    kernel::{CommandRunner, QueryError, existing},
    work::NamedTask,
};

/// What the use cases of tasks need.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct TaskPorts {
    pub tasks: Arc<dyn TaskRepository>,
    pub categories: Arc<dyn CategoryRepository>,
    pub incidents: Arc<dyn IncidentRepository>,
    pub timeline: Arc<dyn TimelineRepository>,
    pub users: Arc<dyn UserRepository>,
}

/// The use cases of tasks.
pub struct Tasks {
    pub(super) runner: Arc<CommandRunner>,
    pub(in crate::work) ports: TaskPorts,
    pub(super) key: TimelineKey,
}

impl Tasks {
    /// Makes a service that seals the timelines of incidents with this key.
    pub const fn new(runner: Arc<CommandRunner>, ports: TaskPorts, key: TimelineKey) -> Self {
        Self { runner, ports, key }
    }

    pub(super) async fn find(&self, id: TaskId) -> Result<Task, QueryError> {
        existing(self.ports.tasks.find(id).await?)
    }

    pub(super) async fn find_with_category(&self, id: TaskId) -> Result<NamedTask, QueryError> {
        let task = self.find(id).await?;
        let category = match task.category_id {
            Some(id) => self.ports.categories.find(id).await?,
            None => None,
        };
        Ok(NamedTask { task, category })
    }
}
