//! Lists of incidents with parts of their timelines and their tasks.

use std::collections::HashMap;

use incident_domain::{
    incidents::{Incident, IncidentFilter, IncidentId, IncidentSort, TimelineEntry},
    kernel::{ListCursor, Page, PageRequest},
};

use super::{NamedTask, Tasks, task_with_category::with_categories};
use crate::kernel::{Permission, Principal, QueryError};

/// An incident with the requested parts.
#[derive(Clone, Debug)]
pub struct IncidentWithParts {
    /// The incident.
    pub incident: Incident,
    /// The last entries of its timeline, in order, if they were requested.
    pub entries: Option<Vec<TimelineEntry>>,
    /// Its last tasks, oldest first, if they were requested.
    pub tasks: Option<Vec<NamedTask>>,
}

/// Which parts a list shows with each incident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IncidentParts {
    /// The last entries of its timeline.
    pub entries: bool,
    /// Its last tasks.
    pub tasks: bool,
}

/// How many entries and tasks of each incident a list shows. The others are in lists of their own.
const PARTS_EACH_MAX: u32 = 100;

impl Tasks {
    /// Returns a page of incidents, each with the last 100 entries of its timeline, its last 100 tasks, or both: by one
    /// more query for the timelines and two for the tasks and their categories, however many incidents there are.
    pub async fn incidents_with_parts(
        &self,
        caller: &Principal,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
        parts: IncidentParts,
    ) -> Result<Page<IncidentWithParts>, QueryError> {
        caller.require(Permission::ReadIncidents)?;
        if parts.tasks {
            caller.require(Permission::ReadTasks)?;
        }
        let Page { items, total, has_more } = self.ports.incidents.list(filter, sort, page).await?;
        let ids: Vec<IncidentId> = items.iter().map(|incident| incident.id).collect();
        let mut timelines: HashMap<IncidentId, Vec<TimelineEntry>> = HashMap::new();
        if parts.entries && !ids.is_empty() {
            for entry in self.ports.timeline.latest_entries(&ids, PARTS_EACH_MAX).await? {
                timelines.entry(entry.incident_id).or_default().push(entry);
            }
        }
        let mut tasks: HashMap<IncidentId, Vec<NamedTask>> = HashMap::new();
        if parts.tasks && !ids.is_empty() {
            let found = self.ports.tasks.of_incidents(&ids, PARTS_EACH_MAX).await?;
            for task in with_categories(&*self.ports.categories, found).await? {
                if let Some(incident) = task.task.incident_id {
                    tasks.entry(incident).or_default().push(task);
                }
            }
        }
        let with_parts = |incident: Incident| IncidentWithParts {
            entries: parts.entries.then(|| timelines.remove(&incident.id).unwrap_or_default()),
            tasks: parts.tasks.then(|| tasks.remove(&incident.id).unwrap_or_default()),
            incident,
        };
        Ok(Page { items: items.into_iter().map(with_parts).collect(), total, has_more })
    }
}
