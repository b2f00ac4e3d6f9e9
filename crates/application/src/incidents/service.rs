//! What all use cases of incidents share.

use std::sync::Arc;

use incident_domain::{
    identity::UserRepository,
    incidents::{
        Incident, IncidentId, IncidentNumbers, IncidentRepository, SearchRepository, Stamp, TimelineKey,
        TimelineRepository,
    },
    kernel::{Actor, Timestamp},
};

use super::{
    IncidentRef,
    timelines::{TimelinePorts, Timelines},
};
use crate::kernel::{CommandPorts, CommandRunner, QueryError, existing};

/// What the use cases of incidents need.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct IncidentPorts {
    pub incidents: Arc<dyn IncidentRepository>,
    pub numbers: Arc<dyn IncidentNumbers>,
    pub timeline: Arc<dyn TimelineRepository>,
    pub search: Arc<dyn SearchRepository>,
    pub users: Arc<dyn UserRepository>,
}

/// The use cases of incidents.
pub struct Incidents {
    pub(super) runner: Arc<CommandRunner>,
    pub(super) ports: IncidentPorts,
    key: TimelineKey,
    pub(super) timelines: Timelines,
}

impl Incidents {
    /// Makes a service that seals timelines with this key.
    pub fn new(runner: Arc<CommandRunner>, ports: IncidentPorts, key: TimelineKey) -> Self {
        let CommandPorts { store, clock, ids } = runner.ports().clone();
        let (incidents, timeline) = (ports.incidents.clone(), ports.timeline.clone());
        let timelines = Timelines::new(TimelinePorts { store, incidents, timeline, clock, ids }, key.clone());
        Self { runner, ports, key, timelines }
    }

    pub(super) async fn find(&self, incident: IncidentRef) -> Result<Incident, QueryError> {
        existing(incident.find(&*self.ports.incidents).await?)
    }

    pub(super) async fn id_of(&self, incident: IncidentRef) -> Result<IncidentId, QueryError> {
        match incident {
            IncidentRef::Id(id) => Ok(id),
            IncidentRef::Number(_) => Ok(self.find(incident).await?.id),
        }
    }

    pub(super) fn stamp<'a>(&'a self, actor: &'a Actor, at: Timestamp) -> Stamp<'a> {
        Stamp { actor, at, ids: self.runner.ids(), key: &self.key }
    }
}
