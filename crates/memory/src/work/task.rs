//! Tasks.

use std::collections::BTreeSet;

use async_trait::async_trait;
use incident_domain::{
    incidents::IncidentId,
    kernel::{Reference, StoreError},
    work::{Task, TaskRepository},
};

use crate::{state::to_usize, store::MemoryStore};

#[async_trait]
impl TaskRepository for MemoryStore {
    async fn of_incidents(&self, incidents: &[IncidentId], limit_each: u32) -> Result<Vec<Task>, StoreError> {
        let state = self.state();
        let mut latest = Vec::new();
        for incident in incidents.iter().collect::<BTreeSet<_>>() {
            let newest_first = state.of::<Task>().referring(Reference::to_owner(*incident)).rev();
            let first = latest.len();
            latest.extend(newest_first.take(to_usize(limit_each)).cloned());
            latest[first..].reverse();
        }
        Ok(latest)
    }
}
