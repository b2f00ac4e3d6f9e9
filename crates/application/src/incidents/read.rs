//! Reading incidents and their timelines.

use std::collections::HashMap;

use incident_domain::{Incident, IncidentFilter, IncidentId, Page, PageRequest, Role, TimelineEntry};

use super::{IncidentError, IncidentRef, Incidents};
use crate::{Caller, TimelineVerdict};

/// An incident with the end of its timeline.
#[derive(Clone, Debug)]
pub struct IncidentWithTimeline {
    /// The incident.
    pub incident: Incident,
    /// Its last entries, in order.
    pub entries: Vec<TimelineEntry>,
}

/// A page of a timeline.
#[derive(Clone, Debug)]
pub struct TimelinePage {
    /// The entries, in order.
    pub entries: Vec<TimelineEntry>,
    /// How many entries the timeline has.
    pub total: u32,
}

/// How many entries of each incident a list shows with its incidents; the rest is on the incident's own
/// timeline.
const ENTRIES_EACH_MAX: u32 = 100;

impl Incidents {
    /// One incident.
    pub async fn get(&self, caller: &Caller, incident: IncidentRef) -> Result<Incident, IncidentError> {
        caller.require(Role::Viewer)?;
        self.find(incident).await
    }

    /// A page of incidents, the newest first.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: &IncidentFilter,
        page: PageRequest<IncidentId>,
    ) -> Result<Page<Incident>, IncidentError> {
        caller.require(Role::Viewer)?;
        Ok(self.ports.incidents.list(filter, page).await?)
    }

    /// A page of incidents, each with the last 100 entries of its timeline: two queries, however many
    /// incidents there are.
    pub async fn list_with_timelines(
        &self,
        caller: &Caller,
        filter: &IncidentFilter,
        page: PageRequest<IncidentId>,
    ) -> Result<Page<IncidentWithTimeline>, IncidentError> {
        let Page { items, total, has_more } = self.list(caller, filter, page).await?;
        let ids: Vec<IncidentId> = items.iter().map(|incident| incident.id).collect();
        let mut timelines: HashMap<IncidentId, Vec<TimelineEntry>> = HashMap::new();
        if !ids.is_empty() {
            for entry in self.ports.timeline.latest_entries(&ids, ENTRIES_EACH_MAX).await? {
                timelines.entry(entry.incident_id).or_default().push(entry);
            }
        }
        let with_timeline = |incident: Incident| {
            let entries = timelines.remove(&incident.id).unwrap_or_default();
            IncidentWithTimeline { incident, entries }
        };
        Ok(Page { items: items.into_iter().map(with_timeline).collect(), total, has_more })
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
