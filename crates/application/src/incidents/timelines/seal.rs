//! Sealing the ends of timelines that were written by a release without seals.

use incident_domain::{
    incidents::{ChainFault, Expected, Incident, IncidentId},
    kernel::{Actor, Conflict, Origin, Record as _},
    write::{Change, ChangeSet, CommitError},
};

use super::{TimelineError, TimelineVerdict, Timelines};
use crate::kernel::{action, target};

/// How often sealing is tried again when another writer was faster. An incident that is written to all the time stays
/// unsealed, which is reported.
const SEAL_ATTEMPTS_MAX: u32 = 8;

/// What to do about a timeline that only lacks the seal of its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsealed {
    /// Report it, like every other fault.
    Report,
    /// Seal it. An attacker who cuts the tail and removes the seal leaves a timeline that looks the same, so this is
    /// right only once: after the upgrade to the release that introduced seals.
    Seal,
}

/// Whether a timeline was sealed while it was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sealing {
    NotNeeded,
    Done,
}

impl Timelines {
    /// Checks a timeline, and seals it if that is wanted and only the seal is missing; `None` if there is no such
    /// incident.
    pub(super) async fn verdict_or_seal(
        &self,
        id: IncidentId,
        unsealed: Unsealed,
    ) -> Result<Option<(TimelineVerdict, Sealing)>, TimelineError> {
        let mut attempts = 0;
        loop {
            let Some(verdict) = self.verdict(id).await? else { return Ok(None) };
            let is_unsealed = verdict.fault == Some(ChainFault::Unsealed);
            if !is_unsealed || unsealed == Unsealed::Report || attempts == SEAL_ATTEMPTS_MAX {
                return Ok(Some((verdict, Sealing::NotNeeded)));
            }
            attempts += 1;
            match self.ports.store.commit(self.sealing(&verdict.incident)).await {
                Ok(()) => return Ok(Some((TimelineVerdict { fault: None, ..verdict }, Sealing::Done))),
                // Another writer changed or deleted it, or the incident that it repeats.
                Err(CommitError::Conflict(Conflict::Stale | Conflict::Missing(Incident::KIND))) => {}
                Err(source) => return Err(TimelineError::NotSealed { id, source }),
            }
        }
    }

    /// Adds the seal of its timeline's end to an incident, and changes nothing else.
    fn sealing(&self, incident: &Incident) -> ChangeSet {
        let expected = Expected { version: incident.version, timeline_length: incident.timeline_length };
        let mut record = incident.clone().into_record();
        record.timeline_seal = self.key.seal_of_end(&record);
        let (at, ids) = (self.ports.clock.now(), &*self.ports.ids);
        let action = action(Actor::System, Origin::default(), "timeline.seal", target(record.id), at, ids);
        let incident = Box::new(Incident::restore(record));
        ChangeSet::new().with(Change::UpdateIncident { incident, expected }).insert(action)
    }
}
