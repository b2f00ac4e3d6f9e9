//! Saved views, read back.

use async_trait::async_trait;
use incident_domain::{
    SavedView, SavedViewId, UserId,
    ports::{SavedViewRepository, StoreError},
};

use crate::MemoryStore;

#[async_trait]
impl SavedViewRepository for MemoryStore {
    async fn find(&self, id: SavedViewId) -> Result<Option<SavedView>, StoreError> {
        Ok(self.state().saved_views.get(&id).cloned())
    }

    async fn of_user(&self, user: UserId) -> Result<Vec<SavedView>, StoreError> {
        let state = self.state();
        Ok(state.saved_views.values().filter(|view| view.user_id == user).cloned().collect())
    }
}
