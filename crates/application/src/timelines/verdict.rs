//! Checking one timeline, while others may be writing it.

use std::sync::Arc;

use incident_domain::{
    ChainFault, ChainVerifier, Incident, IncidentId, TimelineKey,
    ports::{IncidentRepository, Store, StoreError, TimelineRepository},
};

/// How many entries are read at a time, so that a timeline of any length is checked in constant memory.
const ENTRIES_PER_READ: u32 = 500;

/// What checking timelines needs from the world.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct TimelinePorts {
    pub store: Arc<dyn Store>,
    pub incidents: Arc<dyn IncidentRepository>,
    pub timeline: Arc<dyn TimelineRepository>,
}

/// What was found about one timeline.
#[derive(Clone, Debug)]
pub struct TimelineVerdict {
    /// The incident as it was when its timeline was checked.
    pub incident: Incident,
    /// How many entries fit, from the first one on.
    pub entries_whole: u32,
    /// The first thing that does not fit.
    pub fault: Option<ChainFault>,
}

/// Checks timelines.
pub struct Timelines {
    pub(super) ports: TimelinePorts,
    pub(super) key: TimelineKey,
}

impl Timelines {
    /// A service for timelines that were sealed with this key.
    pub const fn new(ports: TimelinePorts, key: TimelineKey) -> Self {
        Self { ports, key }
    }

    /// Checks the timeline of an incident; `None` if there is no such incident.
    pub async fn verdict(&self, id: IncidentId) -> Result<Option<TimelineVerdict>, StoreError> {
        let mut verifier = ChainVerifier::new(&self.key, id);
        let mut known = None;
        loop {
            let fault = self.check_rest(id, &mut verifier).await?;
            // What is written meanwhile lengthens both the timeline and what the incident knows of it, at once. The
            // incident is read after its entries: it knows of all of them, or they are not its own.
            let Some(incident) = self.ports.incidents.find(id).await? else { return Ok(None) };
            let entries_whole = verifier.length();
            let is_behind = entries_whole < incident.timeline_length && known != Some(incident.timeline_length);
            known = Some(incident.timeline_length);
            if fault.is_none() && is_behind {
                continue;
            }
            let fault = fault.or_else(|| verifier.finish(&incident).err());
            return Ok(Some(TimelineVerdict { incident, entries_whole, fault }));
        }
    }

    /// Reads and checks the entries that were not read yet.
    async fn check_rest(
        &self,
        id: IncidentId,
        verifier: &mut ChainVerifier<'_>,
    ) -> Result<Option<ChainFault>, StoreError> {
        loop {
            let entries = self.ports.timeline.entries(id, verifier.length(), ENTRIES_PER_READ).await?;
            for entry in &entries {
                if let Err(fault) = verifier.check(entry) {
                    return Ok(Some(fault));
                }
            }
            if entries.len() < ENTRIES_PER_READ as usize {
                return Ok(None);
            }
        }
    }
}
