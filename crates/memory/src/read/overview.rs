//! What there is, counted.

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    Status, Timestamp,
    ports::{OverviewRepository, StoreError},
};

use crate::MemoryStore;

#[async_trait]
impl OverviewRepository for MemoryStore {
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        let state = self.state();
        let count = |status| state.incidents.values().filter(|incident| incident.status == status).count();
        Ok(Status::ALL.iter().map(|status| (*status, to_u64(count(*status)))).collect())
    }

    async fn live_sessions(&self, now: Timestamp, idle_max: TimeDelta) -> Result<u64, StoreError> {
        Ok(to_u64(self.state().sessions.values().filter(|session| session.is_live(now, idle_max)).count()))
    }
}

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
