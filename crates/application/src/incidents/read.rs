//! Reading incidents and their timelines.

use std::collections::HashMap;

use incident_domain::{
    Incident, IncidentFilter, IncidentId, IncidentSort, ListCursor, Page, PageRequest, Role, TimelineEntry,
};

use super::{IncidentError, IncidentRef, Incidents};
use crate::{Caller, NamedTask, TimelineVerdict, categories::with_names};

/// An incident with what was asked for besides.
#[derive(Clone, Debug)]
pub struct IncidentWithParts {
    /// The incident.
    pub incident: Incident,
    /// The last entries of its timeline, in order, if they were asked for.
    pub entries: Option<Vec<TimelineEntry>>,
    /// Its last tasks, the oldest first, if they were asked for.
    pub tasks: Option<Vec<NamedTask>>,
}

/// What a list shows of each incident besides itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IncidentParts {
    /// The last entries of its timeline.
    pub entries: bool,
    /// Its last tasks.
    pub tasks: bool,
}

/// A page of a timeline.
#[derive(Clone, Debug)]
pub struct TimelinePage {
    /// The entries, in order.
    pub entries: Vec<TimelineEntry>,
    /// How many entries the timeline has.
    pub total: u32,
}

/// How many entries and tasks of each incident a list shows with its incidents; the rest is on lists of their own.
const PARTS_EACH_MAX: u32 = 100;

impl Incidents {
    /// One incident.
    pub async fn get(&self, caller: &Caller, incident: IncidentRef) -> Result<Incident, IncidentError> {
        caller.require(Role::Viewer)?;
        self.find(incident).await
    }

    /// A page of incidents.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, IncidentError> {
        caller.require(Role::Viewer)?;
        Ok(self.ports.incidents.list(filter, sort, page).await?)
    }

    /// A page of incidents, each with the last 100 entries of its timeline, its last 100 tasks, or both: one query more
    /// for the timelines and two for the tasks and their categories, however many incidents there are.
    pub async fn list_with_parts(
        &self,
        caller: &Caller,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
        parts: IncidentParts,
    ) -> Result<Page<IncidentWithParts>, IncidentError> {
        let Page { items, total, has_more } = self.list(caller, filter, sort, page).await?;
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
            for task in with_names(&*self.ports.categories, found).await? {
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

    /// The entries of an incident's timeline with a sequence above `after`, at most `limit` of them.
    pub async fn timeline(
        &self,
        caller: &Caller,
        incident: IncidentRef,
        after: u32,
        limit: u32,
    ) -> Result<TimelinePage, IncidentError> {
        caller.require(Role::Viewer)?;
        let incident = self.find(incident).await?;
        let entries = self.ports.timeline.entries(incident.id, after, limit).await?;
        Ok(TimelinePage { entries, total: incident.timeline_length })
    }

    /// Whether an incident's timeline is what it was.
    pub async fn verify(&self, caller: &Caller, incident: IncidentRef) -> Result<TimelineVerdict, IncidentError> {
        caller.require(Role::Viewer)?;
        let id = match incident {
            IncidentRef::Id(id) => id,
            IncidentRef::Number(_) => self.find(incident).await?.id,
        };
        self.timelines.verdict(id).await?.ok_or(IncidentError::NotFound)
    }
}
