//! Sealing ends that were written before ends were sealed.

use incident_domain::{
    ChainFault, Change, ChangeSet, Expected, Incident, IncidentId,
    ports::{CommitError, Conflict, Reference},
};

use super::{TimelineError, TimelineVerdict, Timelines};
use crate::audit;

/// How often it is decided anew when others were faster. Whoever writes to an incident all the time leaves it
/// unsealed, which is reported.
const COMMIT_ATTEMPTS_MAX: u32 = 8;

/// What to do about a timeline that lacks nothing but the seal of its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsealed {
    /// Say so, as of every other fault.
    Report,
    /// Seal it. Whoever cuts a tail and takes the seal away leaves a timeline that looks just like this, so that it
    /// is right only where ends were not sealed before: once, after the release that began to.
    Seal,
}

/// Whether a timeline got a seal while it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sealing {
    NotNeeded,
    Done,
}

impl Timelines {
    /// Checks a timeline, and does about a missing seal what is wanted; `None` if there is no such incident.
    pub(super) async fn verdict_or_seal(
        &self,
        id: IncidentId,
        unsealed: Unsealed,
    ) -> Result<Option<(TimelineVerdict, Sealing)>, TimelineError> {
        let mut attempts = 0;
        loop {
            let Some(verdict) = self.verdict(id).await? else { return Ok(None) };
            let is_unsealed = verdict.fault == Some(ChainFault::Unsealed);
            if !is_unsealed || unsealed == Unsealed::Report || attempts == COMMIT_ATTEMPTS_MAX {
                return Ok(Some((verdict, Sealing::NotNeeded)));
            }
            attempts += 1;
            match self.ports.store.commit(self.sealing(&verdict.incident)).await {
                Ok(()) => return Ok(Some((TimelineVerdict { fault: None, ..verdict }, Sealing::Done))),
                // Somebody else wrote to it, or removed it or the incident that it repeats.
                Err(CommitError::Conflict(Conflict::Stale | Conflict::Missing(Incident::KIND))) => {}
                Err(source) => return Err(TimelineError::NotSealed { id, source }),
            }
        }
    }

    /// The incident as it is, with the seal of its timeline's end; its version stays.
    fn sealing(&self, incident: &Incident) -> ChangeSet {
        let expected = Expected { version: incident.version, timeline_length: incident.timeline_length };
        let mut record = incident.clone().into_record();
        record.timeline_seal = self.key.seal_of_end(&record);
        let action = audit::of_system(
            "timeline.seal",
            format!("incident:{}", record.id),
            self.ports.clock.now(),
            &*self.ports.ids,
        );
        let incident = Box::new(Incident::restore(record));
        ChangeSet::new().with(Change::UpdateIncident { incident, expected }).insert(action)
    }
}
