//! Incidents and their timelines.

use std::fmt::Display;

use futures::Stream;
use serde_json::{Map, Value, json};

use super::{Export, items, with_fields};
use crate::{
    error::ClientError,
    model::{
        BulkChange, ChangedIncidents, Incident, IncidentFilter, IncidentPatch, NewIncident, NewTask, Page, Task,
        TimelineEntry, TimelineVerdict,
    },
    names::ExportFormat,
    transport::{Expected, Transport},
};

/// Incidents and their timelines. One is named by its id or its number.
#[derive(Clone, Debug)]
pub struct Incidents(pub(crate) Transport);

impl Incidents {
    /// Opens an incident, of which you are the reporter.
    pub async fn open(&self, new: &NewIncident) -> Result<Incident, ClientError> {
        self.0.post(&["incidents"], new).await
    }

    /// Reads one.
    pub async fn get(&self, incident: impl Display) -> Result<Incident, ClientError> {
        self.0.get(&["incidents", &incident.to_string()], &[]).await
    }

    /// All that fit, the newest first if the filter says nothing else, fetched page by page as they are needed.
    pub fn list(&self, filter: &IncidentFilter) -> impl Stream<Item = Result<Incident, ClientError>> + use<> {
        items(self.0.clone(), vec!["incidents".to_owned()], filter.query())
    }

    /// The same, with these members of each and its `id` only.
    pub fn list_fields(
        &self,
        filter: &IncidentFilter,
        fields: &[&str],
    ) -> impl Stream<Item = Result<Map<String, Value>, ClientError>> + use<> {
        items(self.0.clone(), vec!["incidents".to_owned()], with_fields(filter.query(), fields))
    }

    /// All that fulfil the filter's conditions, the oldest first, however many, as one file that is read while the server
    /// writes it. A connection that breaks before it begins is tried again, and one that breaks later is an error.
    pub async fn export(&self, filter: &IncidentFilter, format: ExportFormat) -> Result<Export, ClientError> {
        let mut query = filter.conditions();
        query.push(("format", format.to_string()));
        self.0.open(&["incidents", "export"], &query).await.map(Export)
    }

    /// A page of those that fit, from 1, with how many there are.
    pub async fn page(&self, filter: &IncidentFilter, page: u32) -> Result<Page<Incident>, ClientError> {
        let mut query = filter.query();
        query.push(("page", page.to_string()));
        self.0.get(&["incidents"], &query).await
    }

    /// Changes fields, takes a step of the state machine, or both at once.
    pub async fn patch(
        &self,
        incident: impl Display,
        patch: &IncidentPatch,
        expected: Expected,
    ) -> Result<Incident, ClientError> {
        self.0.patch(&["incidents", &incident.to_string()], patch, expected).await
    }

    /// Does the same to each of up to 500, and tells what became of each: what is refused to one leaves the others.
    pub async fn bulk(&self, change: &BulkChange) -> Result<ChangedIncidents, ClientError> {
        self.0.post(&["incidents", "bulk"], change).await
    }

    /// Makes a task for it.
    pub async fn add_task(&self, incident: impl Display, new: &NewTask) -> Result<Task, ClientError> {
        self.0.post(&["incidents", &incident.to_string(), "tasks"], new).await
    }

    /// The tasks for it, the newest first, fetched page by page as they are needed.
    pub fn tasks<I: Display>(&self, incident: I) -> impl Stream<Item = Result<Task, ClientError>> + use<I> {
        let path = vec!["incidents".to_owned(), incident.to_string(), "tasks".to_owned()];
        items(self.0.clone(), path, Vec::new())
    }

    /// Says something about it.
    pub async fn comment(&self, incident: impl Display, message: &str) -> Result<TimelineEntry, ClientError> {
        self.0.post(&["incidents", &incident.to_string(), "logs"], &json!({ "message": message })).await
    }

    /// Its timeline, the oldest entry first, fetched page by page as it is needed.
    pub fn logs<I: Display>(&self, incident: I) -> impl Stream<Item = Result<TimelineEntry, ClientError>> + use<I> {
        let path = vec!["incidents".to_owned(), incident.to_string(), "logs".to_owned()];
        items(self.0.clone(), path, Vec::new())
    }

    /// Whether its timeline is what it was.
    pub async fn verify(&self, incident: impl Display) -> Result<TimelineVerdict, ClientError> {
        self.0.get(&["incidents", &incident.to_string(), "logs", "verify"], &[]).await
    }

    /// Removes it with its timeline.
    pub async fn delete(&self, incident: impl Display, expected: Expected) -> Result<(), ClientError> {
        self.0.delete(&["incidents", &incident.to_string()], expected).await
    }
}
