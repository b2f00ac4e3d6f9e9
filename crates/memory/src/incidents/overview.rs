//! Counts for the overview.

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    identity::Session,
    incidents::{Incident, OverviewRepository, Status},
    kernel::{StoreError, Timestamp},
};

use crate::store::MemoryStore;

#[async_trait]
impl OverviewRepository for MemoryStore {
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        let state = self.state();
        let count = |status| count(state.of::<Incident>().all().filter(|incident| incident.status == status));
        Ok(Status::ALL.iter().map(|status| (*status, count(*status))).collect())
    }

    async fn live_sessions(&self, now: Timestamp, idle_max: TimeDelta) -> Result<u64, StoreError> {
        let state = self.state();
        Ok(count(state.of::<Session>().all().filter(|session| session.is_live(now, idle_max))))
    }
}

fn count(items: impl Iterator) -> u64 {
    u64::try_from(items.count()).unwrap_or(u64::MAX)
}
