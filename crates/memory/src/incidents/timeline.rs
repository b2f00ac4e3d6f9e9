//! Timelines.

use async_trait::async_trait;
use incident_domain::{
    incidents::{IncidentId, TimelineEntry, TimelineRepository},
    kernel::{StoreError, UniqueValue},
};

use crate::{
    state::{State, to_usize},
    store::MemoryStore,
};

impl State {
    /// Returns the entries of an incident from a sequence number on, in order.
    pub(crate) fn timeline(
        &self,
        incident: IncidentId,
        first: u32,
    ) -> impl DoubleEndedIterator<Item = &TimelineEntry> + Clone {
        let incident = incident.as_uuid();
        let value =
            |sequence: u32| UniqueValue::new(TimelineEntry::SEQUENCE, [incident.as_bytes(), &sequence.to_be_bytes()]);
        self.of::<TimelineEntry>().with_value_in(value(first), value(u32::MAX))
    }
}

#[async_trait]
impl TimelineRepository for MemoryStore {
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        let Some(first) = after.checked_add(1) else { return Ok(Vec::new()) };
        let state = self.state();
        Ok(state.timeline(incident, first).take(to_usize(limit)).cloned().collect())
    }

    async fn latest_entries(
        &self,
        incidents: &[IncidentId],
        limit_each: u32,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let state = self.state();
        let mut latest = Vec::new();
        for incident in incidents {
            let first = latest.len();
            latest.extend(state.timeline(*incident, 1).rev().take(to_usize(limit_each)).cloned());
            latest[first..].reverse();
        }
        Ok(latest)
    }
}
