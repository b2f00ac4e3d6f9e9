//! Checking one timeline, which may be written to meanwhile.

use std::sync::Arc;

use incident_domain::{
    incidents::{ChainFault, ChainVerifier, Incident, IncidentId, IncidentRepository, TimelineKey, TimelineRepository},
    kernel::{Clock, IdGenerator, StoreError},
    write::Store,
};

use super::walk::ENTRIES_PER_READ;

/// What checking and exporting timelines needs.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct TimelinePorts {
    pub store: Arc<dyn Store>,
    pub incidents: Arc<dyn IncidentRepository>,
    pub timeline: Arc<dyn TimelineRepository>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
}

/// The result of checking one timeline.
#[derive(Clone, Debug)]
pub struct TimelineVerdict {
    /// The incident as it was when its timeline was checked.
    pub incident: Incident,
    /// How many entries fit the chain, from the first one on.
    pub entries_whole: u32,
    /// The first fault.
    pub fault: Option<ChainFault>,
}

/// Checks timelines.
pub struct Timelines {
    pub(super) ports: TimelinePorts,
    pub(super) key: TimelineKey,
}

impl Timelines {
    /// Makes a service for timelines that were sealed with this key.
    pub const fn new(ports: TimelinePorts, key: TimelineKey) -> Self {
        Self { ports, key }
    }

    /// Checks the timeline of an incident; `None` if there is no such incident.
    pub async fn verdict(&self, id: IncidentId) -> Result<Option<TimelineVerdict>, StoreError> {
        let mut verifier = ChainVerifier::new(&self.key, id);
        let mut known = None;
        loop {
            let fault = self.check_rest(id, &mut verifier).await?;
            // A write lengthens the timeline and the count in the incident at once. The incident is read after its
            // entries: it counts all of them, or they do not belong to it.
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
        let mut limit = ENTRIES_PER_READ;
        loop {
            let entries = match self.ports.timeline.entries(id, verifier.length(), limit).await {
                Ok(entries) => entries,
                // One of them cannot be read: reading one at a time shows which.
                Err(error) if error.is_unreadable() && limit > 1 => {
                    limit = 1;
                    continue;
                }
                Err(error) if error.is_unreadable() => {
                    return Ok(Some(ChainFault::Broken { sequence: verifier.length() + 1 }));
                }
                Err(error) => return Err(error),
            };
            for entry in &entries {
                if let Err(fault) = verifier.check(entry) {
                    return Ok(Some(fault));
                }
            }
            if entries.len() < limit as usize {
                return Ok(None);
            }
        }
    }
}
