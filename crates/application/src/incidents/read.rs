//! Reading incidents and their timelines.

use incident_domain::{
    incidents::{Incident, IncidentFilter, IncidentSort, TimelineEntry},
    kernel::{ListCursor, Page, PageRequest, Record as _},
};

use super::{IncidentRef, Incidents, timelines::TimelineVerdict};
use crate::kernel::{Permission, Principal, QueryError};

/// A page of a timeline.
#[derive(Clone, Debug)]
pub struct TimelinePage {
    /// The entries, in order.
    pub entries: Vec<TimelineEntry>,
    /// How many entries the timeline has.
    pub total: u32,
}

impl Incidents {
    /// Returns one incident.
    pub async fn get(&self, caller: &Principal, incident: IncidentRef) -> Result<Incident, QueryError> {
        caller.require(Permission::ReadIncidents)?;
        self.find(incident).await
    }

    /// Returns a page of incidents.
    pub async fn list(
        &self,
        caller: &Principal,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, QueryError> {
        caller.require(Permission::ReadIncidents)?;
        Ok(self.ports.incidents.list(filter, sort, page).await?)
    }

    /// Returns the entries of an incident's timeline with a sequence above `after`, at most `limit` of them.
    pub async fn timeline(
        &self,
        caller: &Principal,
        incident: IncidentRef,
        after: u32,
        limit: u32,
    ) -> Result<TimelinePage, QueryError> {
        caller.require(Permission::ReadIncidents)?;
        let incident = self.find(incident).await?;
        let entries = self.ports.timeline.entries(incident.id, after, limit).await?;
        Ok(TimelinePage { entries, total: incident.timeline_length })
    }

    /// Checks whether an incident's timeline was tampered with.
    pub async fn verify(&self, caller: &Principal, incident: IncidentRef) -> Result<TimelineVerdict, QueryError> {
        caller.require(Permission::ReadIncidents)?;
        let id = self.id_of(incident).await?;
        self.timelines.verdict(id).await?.ok_or(QueryError::NotFound(Incident::KIND))
    }
}
