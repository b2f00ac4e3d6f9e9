//! What statistics are computed from.

use std::collections::BTreeSet;

use async_trait::async_trait;
use incident_domain::{
    incidents::{Incident, IncidentFilter, IncidentId, IncidentTimes, StatisticsRepository, StatusStep},
    kernel::{StoreError, Timestamp},
};

use crate::{state::to_usize, store::MemoryStore};

#[async_trait]
impl StatisticsRepository for MemoryStore {
    async fn times(
        &self,
        filter: &IncidentFilter,
        after: Option<(Timestamp, IncidentId)>,
        limit: u32,
    ) -> Result<Vec<IncidentTimes>, StoreError> {
        let state = self.state();
        let place_of = |incident: &Incident| (incident.opened_at, incident.id);
        let is_wanted =
            |incident: &&Incident| filter.matches(incident) && after.is_none_or(|after| place_of(incident) > after);
        let mut wanted: Vec<_> = state.of::<Incident>().all().filter(is_wanted).collect();
        wanted.sort_unstable_by_key(|incident| place_of(incident));
        Ok(wanted.into_iter().take(to_usize(limit)).map(IncidentTimes::of).collect())
    }

    async fn status_steps(&self, incidents: &[IncidentId]) -> Result<Vec<StatusStep>, StoreError> {
        let state = self.state();
        let incidents: BTreeSet<_> = incidents.iter().collect();
        let entries = incidents.into_iter().flat_map(|incident| state.timeline(*incident, 1));
        Ok(entries.filter_map(StatusStep::of).collect())
    }
}
