//! Saved views.

use async_trait::async_trait;
use incident_domain::{
    kernel::{Reference, StoreError, UserId},
    work::{SavedView, SavedViewRepository},
};

use crate::store::MemoryStore;

#[async_trait]
impl SavedViewRepository for MemoryStore {
    async fn of_user(&self, user: UserId) -> Result<Vec<SavedView>, StoreError> {
        Ok(self.state().of::<SavedView>().referring(Reference::to_owner(user)).cloned().collect())
    }
}
