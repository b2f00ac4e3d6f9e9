//! The check values of the keys that sealed timelines.

use async_trait::async_trait;
use incident_domain::{
    incidents::{KeyCheck, TimelineKeyRepository},
    kernel::StoreError,
};

use crate::{state::to_usize, store::MemoryStore};

#[async_trait]
impl TimelineKeyRepository for MemoryStore {
    async fn key_checks(&self) -> Result<Vec<KeyCheck>, StoreError> {
        Ok(self.state().key_checks.clone())
    }

    async fn add_key_check(&self, check: KeyCheck, known: u32) -> Result<bool, StoreError> {
        let checks = &mut self.state().key_checks;
        let is_added = checks.len() == to_usize(known) && !checks.contains(&check);
        if is_added {
            checks.push(check);
        }
        Ok(is_added)
    }
}
