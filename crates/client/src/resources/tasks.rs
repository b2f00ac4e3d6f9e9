//! Tasks.

use futures::Stream;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{items, with_fields};
use crate::{
    error::ClientError,
    model::{NewTask, Page, Task, TaskFilter, TaskPatch},
    transport::{Expected, Transport},
};

/// Pieces of work, for an incident or for none.
#[derive(Clone, Debug)]
pub struct Tasks(pub(crate) Transport);

impl Tasks {
    /// Makes one that is for no incident; [`Incidents::add_task`](crate::Incidents::add_task) makes one for an incident.
    pub async fn create(&self, new: &NewTask) -> Result<Task, ClientError> {
        self.0.post(&["tasks"], new).await
    }

    /// Reads one.
    pub async fn get(&self, task: Uuid) -> Result<Task, ClientError> {
        self.0.get(&["tasks", &task.to_string()], &[]).await
    }

    /// All that fit, the newest first if the filter says nothing else, fetched page by page as they are needed.
    pub fn list(&self, filter: &TaskFilter) -> impl Stream<Item = Result<Task, ClientError>> + use<> {
        items(self.0.clone(), vec!["tasks".to_owned()], filter.query())
    }

    /// The same, with these members of each and its `id` only.
    pub fn list_fields(
        &self,
        filter: &TaskFilter,
        fields: &[&str],
    ) -> impl Stream<Item = Result<Map<String, Value>, ClientError>> + use<> {
        items(self.0.clone(), vec!["tasks".to_owned()], with_fields(filter.query(), fields))
    }

    /// A page of those that fit, from 1, with how many there are.
    pub async fn page(&self, filter: &TaskFilter, page: u32) -> Result<Page<Task>, ClientError> {
        let mut query = filter.query();
        query.push(("page", page.to_string()));
        self.0.get(&["tasks"], &query).await
    }

    /// Changes fields, takes a step of the state machine, or both at once.
    pub async fn patch(&self, task: Uuid, patch: &TaskPatch, expected: Expected) -> Result<Task, ClientError> {
        self.0.patch(&["tasks", &task.to_string()], patch, expected).await
    }

    /// Removes one.
    pub async fn delete(&self, task: Uuid, expected: Expected) -> Result<(), ClientError> {
        self.0.delete(&["tasks", &task.to_string()], expected).await
    }
}
