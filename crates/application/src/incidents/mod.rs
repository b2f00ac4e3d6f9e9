//! Working with incidents.

mod bulk;
mod change;
mod error;
mod read;
mod search;
mod write;

use std::sync::Arc;

use incident_domain::{
    Incident, TimelineKey,
    ports::{
        CategoryRepository, Clock, IdGenerator, IncidentNumbers, IncidentRepository, SearchRepository, Store,
        TaskRepository, TimelineRepository, UserRepository,
    },
};

use crate::{IncidentRef, TimelinePorts, Timelines, audit::Audit, line_up::Queues};

pub use bulk::{BULK_INCIDENTS_MAX, BulkChange, BulkItem, BulkOutcome, BulkRefusal, BulkStep};
pub use change::IncidentChange;
pub use error::IncidentError;
pub use read::{IncidentParts, IncidentWithParts, TimelinePage};
pub use search::{Found, FoundPage, Highlight};

/// What working with incidents needs from the world.
#[derive(Clone)]
pub struct IncidentPorts {
    /// Writes everything.
    pub store: Arc<dyn Store>,
    /// Reads incidents.
    pub incidents: Arc<dyn IncidentRepository>,
    /// Numbers new ones.
    pub numbers: Arc<dyn IncidentNumbers>,
    /// Reads timelines.
    pub timeline: Arc<dyn TimelineRepository>,
    /// Reads the tasks that a list shows with its incidents.
    pub tasks: Arc<dyn TaskRepository>,
    /// Names the categories of those tasks.
    pub categories: Arc<dyn CategoryRepository>,
    /// Finds incidents by words.
    pub search: Arc<dyn SearchRepository>,
    /// Reads users, to see who can be assigned.
    pub users: Arc<dyn UserRepository>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn IdGenerator>,
}

impl IncidentPorts {
    fn timelines(&self) -> TimelinePorts {
        TimelinePorts {
            store: self.store.clone(),
            incidents: self.incidents.clone(),
            timeline: self.timeline.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }
}

/// The use cases of incidents.
pub struct Incidents {
    ports: IncidentPorts,
    key: TimelineKey,
    timelines: Timelines,
    queues: Arc<Queues>,
}

impl Incidents {
    /// A service that seals timelines with this key.
    pub fn new(ports: IncidentPorts, key: TimelineKey) -> Self {
        let timelines = Timelines::new(ports.timelines(), key.clone());
        Self { ports, key, timelines, queues: Arc::new(Queues::new()) }
    }

    /// What somebody else needs who writes into the same timelines, one after the other.
    pub(crate) fn timeline_writing(&self) -> (TimelineKey, Arc<Queues>) {
        (self.key.clone(), self.queues.clone())
    }

    fn audit(&self) -> Audit<'_> {
        Audit { store: &*self.ports.store, clock: &*self.ports.clock, ids: &*self.ports.ids }
    }

    async fn find(&self, incident: IncidentRef) -> Result<Incident, IncidentError> {
        let found = incident.find(&*self.ports.incidents).await?;
        found.ok_or(IncidentError::NotFound)
    }
}
