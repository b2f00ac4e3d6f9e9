//! The audit and the event log, read back.

use async_trait::async_trait;
use incident_domain::{
    Action, ActionFilter, ActionId, Direction, LoggedEvent, Page, PageRequest,
    ports::{ActionRepository, EventLog, StoreError},
};

use super::page;
use crate::{MemoryStore, state::to_usize};

#[async_trait]
impl EventLog for MemoryStore {
    async fn after(&self, position: u64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        let Some(next) = position.checked_add(1) else { return Ok(Vec::new()) };
        let state = self.state();
        let wanted = state.events.range(next..).take(to_usize(limit));
        Ok(wanted.map(|(position, event)| LoggedEvent { position: *position, event: event.clone() }).collect())
    }
}

#[async_trait]
impl ActionRepository for MemoryStore {
    async fn list(
        &self,
        filter: &ActionFilter,
        direction: Direction,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, StoreError> {
        let state = self.state();
        let listed = state.actions.values().filter(|action| filter.matches(action));
        Ok(match direction {
            Direction::Ascending => page::oldest_first(listed, |action| action.id, page),
            Direction::Descending => page::newest_first(listed, |action| action.id, page),
        })
    }
}
