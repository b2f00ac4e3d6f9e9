//! Faults in what is counted.

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    Status, Timestamp,
    ports::{OverviewRepository, StoreError},
};

use crate::{fault::Fault, mutant::Mutant};

/// What a mutant does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CountFault {
    LeavesEmptyStatusesOut,
    CountsOneStatusForAnother,
    RemembersCounts,
    CountsSessionsThatJustEnded,
    CountsSessionsThatWereSilentForTooLong,
    LeavesSilentSessionsOut,
}

impl CountFault {
    pub(crate) const ALL: &[Self] = &[
        Self::LeavesEmptyStatusesOut,
        Self::CountsOneStatusForAnother,
        Self::RemembersCounts,
        Self::CountsSessionsThatJustEnded,
        Self::CountsSessionsThatWereSilentForTooLong,
        Self::LeavesSilentSessionsOut,
    ];
}

#[async_trait]
impl OverviewRepository for Mutant {
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        let mut counts = self.memory.incidents_by_status().await?;
        match self.fault {
            Some(Fault::Counts(CountFault::LeavesEmptyStatusesOut)) => counts.retain(|(_, count)| *count > 0),
            Some(Fault::Counts(CountFault::CountsOneStatusForAnother)) => {
                let (mitigated, resolved) = (counts[3].1, counts[4].1);
                (counts[3].1, counts[4].1) = (mitigated + resolved, 0);
            }
            Some(Fault::Counts(CountFault::RemembersCounts)) => {
                return Ok(self.noted().counts.get_or_insert(counts).clone());
            }
            _ => {}
        }
        Ok(counts)
    }

    async fn live_sessions(&self, now: Timestamp, idle_max: TimeDelta) -> Result<u64, StoreError> {
        let moment = TimeDelta::microseconds(1);
        let (now, idle_max) = match self.fault {
            // A moment earlier they had not ended, nor been silent for less.
            Some(Fault::Counts(CountFault::CountsSessionsThatJustEnded)) => (now - moment, idle_max - moment),
            Some(Fault::Counts(CountFault::CountsSessionsThatWereSilentForTooLong)) => (now, idle_max + moment),
            Some(Fault::Counts(CountFault::LeavesSilentSessionsOut)) => (now, idle_max - moment),
            _ => (now, idle_max),
        };
        self.memory.live_sessions(now, idle_max).await
    }
}
