//! The event log.

use async_trait::async_trait;
use incident_domain::kernel::{Conflict, Event, EventLog, LoggedEvent, StoreError};

use crate::{
    state::{State, to_usize},
    store::MemoryStore,
};

impl State {
    /// Inserts an event at the next position. The store's lock makes the order of insertion the order of commits.
    pub(crate) fn append_event(&mut self, event: Event) -> Result<(), Conflict> {
        let id = event.id;
        self.insert(event)?;
        let last = self.event_positions.last_key_value().map_or(0, |(position, _)| *position);
        self.event_positions.put(last + 1, id);
        Ok(())
    }
}

#[async_trait]
impl EventLog for MemoryStore {
    async fn after(&self, position: u64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        let Some(next) = position.checked_add(1) else { return Ok(Vec::new()) };
        let state = self.state();
        let wanted = state.event_positions.range(next..).take(to_usize(limit));
        let logged = wanted.filter_map(|(position, id)| {
            let event = state.of::<Event>().get(id)?.clone();
            Some(LoggedEvent { position: *position, event })
        });
        Ok(logged.collect())
    }
}
