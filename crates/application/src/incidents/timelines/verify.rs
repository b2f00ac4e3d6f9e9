//! Checking many timelines.

use std::pin::pin;

use futures::{StreamExt, TryStreamExt};
use incident_domain::incidents::IncidentId;
use tokio_util::sync::CancellationToken;

use super::{
    TimelineError, TimelineFault, TimelineFinding, TimelineProgress, Timelines, TimelinesEnd, Unsealed, VerifyOutcome,
    WhichTimelines,
    outcome::Halt,
    seal::Sealing,
    walk::{TIMELINES_IN_FLIGHT_MAX, Walk},
};

/// The result of checking one timeline.
enum Checked {
    /// Its incident was deleted in the meantime.
    Gone,
    Whole {
        entries: u32,
        sealing: Sealing,
    },
    Faulty {
        entries: u32,
        finding: TimelineFinding,
    },
}

impl Timelines {
    /// Checks timelines, the newest incident's first, until all are done, `stop` is set, or the store fails. Faults are
    /// reported as they are found, so that any number of incidents takes the same memory.
    pub async fn verify(
        &self,
        which: WhichTimelines,
        unsealed: Unsealed,
        stop: &CancellationToken,
        progress: &(dyn Fn(TimelineProgress) + Send + Sync),
        found: &(dyn Fn(&TimelineFinding) + Send + Sync),
    ) -> VerifyOutcome {
        let mut outcome = VerifyOutcome::new();
        outcome.end = self.verify_into(which, unsealed, stop, progress, found, &mut outcome).await.into();
        outcome
    }

    async fn verify_into(
        &self,
        which: WhichTimelines,
        unsealed: Unsealed,
        stop: &CancellationToken,
        progress: &(dyn Fn(TimelineProgress) + Send + Sync),
        found: &(dyn Fn(&TimelineFinding) + Send + Sync),
        outcome: &mut VerifyOutcome,
    ) -> Result<(), Halt> {
        let incidents = &*self.ports.incidents;
        let walk = Walk::begin(incidents, which).await?;
        let mut so_far = TimelineProgress { done: 0, total: walk.total };
        progress(so_far);
        let stop = stop.child_token();
        let checks = walk.incidents(incidents, &stop).map_ok(async |id| Ok(self.check(id, unsealed).await?));
        let mut checked = pin!(checks.try_buffered(TIMELINES_IN_FLIGHT_MAX));
        let mut ends_with = Ok(());
        while let Some(checked) = checked.next().await {
            match checked {
                Ok(checked) => {
                    outcome.add(&checked);
                    if let Checked::Faulty { finding, .. } = &checked {
                        found(finding);
                    }
                    so_far.done += 1;
                    progress(so_far);
                }
                // The first failure is the one that is reported; checks that have begun are finished.
                Err(halt) => {
                    stop.cancel();
                    ends_with = ends_with.and(Err(halt));
                }
            }
        }
        ends_with
    }

    async fn check(&self, id: IncidentId, unsealed: Unsealed) -> Result<Checked, TimelineError> {
        let (verdict, sealing) = match self.verdict_or_seal(id, unsealed).await {
            Ok(Some(verdict)) => verdict,
            Ok(None) => return Ok(Checked::Gone),
            Err(TimelineError::Unavailable(error)) if error.is_unreadable() => {
                let finding = TimelineFinding { id, number: None, fault: TimelineFault::Unreadable(error) };
                return Ok(Checked::Faulty { entries: 0, finding });
            }
            Err(error) => return Err(error),
        };
        let entries = verdict.entries_whole;
        Ok(match verdict.fault {
            None => Checked::Whole { entries, sealing },
            Some(fault) => {
                let (number, fault) = (Some(verdict.incident.number), TimelineFault::Chain(fault));
                Checked::Faulty { entries, finding: TimelineFinding { id, number, fault } }
            }
        })
    }
}

impl VerifyOutcome {
    const fn new() -> Self {
        let end = TimelinesEnd::Complete;
        Self { end, checked: 0, entries_whole: 0, faulty: 0, unsealed: 0, sealed: 0 }
    }

    fn add(&mut self, checked: &Checked) {
        let entries = match checked {
            Checked::Gone => return,
            Checked::Whole { entries, sealing } => {
                self.sealed += u64::from(*sealing == Sealing::Done);
                entries
            }
            Checked::Faulty { entries, finding } => {
                self.faulty += 1;
                self.unsealed += u64::from(finding.fault.is_unsealed());
                entries
            }
        };
        self.checked += 1;
        self.entries_whole += u64::from(*entries);
    }
}
