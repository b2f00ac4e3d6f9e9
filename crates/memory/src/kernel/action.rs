//! The audit.

use async_trait::async_trait;
use incident_domain::kernel::{
    Action, ActionFilter, ActionId, ActionRepository, Direction, Page, PageRequest, StoreError,
};

use super::page::by_id;
use crate::store::MemoryStore;

#[async_trait]
impl ActionRepository for MemoryStore {
    async fn list(
        &self,
        filter: &ActionFilter,
        direction: Direction,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, StoreError> {
        let state = self.state();
        let listed = state.of::<Action>().all().filter(|action| filter.matches(action));
        Ok(by_id(listed, direction, page))
    }
}
