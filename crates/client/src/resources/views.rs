//! Your saved views.

use serde::Deserialize;
use uuid::Uuid;

use crate::{
    error::ClientError,
    model::{NewSavedView, SavedView, SavedViewPatch},
    transport::{Expected, Transport},
};

/// Your saved views: lists' conditions under names of yours. Filters take one by its id.
#[derive(Clone, Debug)]
pub struct SavedViews(pub(crate) Transport);

impl SavedViews {
    /// Saves one.
    pub async fn create(&self, new: &NewSavedView) -> Result<SavedView, ClientError> {
        self.0.post(&["users", "me", "views"], new).await
    }

    /// Reads one.
    pub async fn get(&self, view: Uuid) -> Result<SavedView, ClientError> {
        self.0.get(&["users", "me", "views", &view.to_string()], &[]).await
    }

    /// All of them; there are not many.
    pub async fn list(&self) -> Result<Vec<SavedView>, ClientError> {
        #[derive(Deserialize)]
        struct Views {
            items: Vec<SavedView>,
        }
        let views: Views = self.0.get(&["users", "me", "views"], &[]).await?;
        Ok(views.items)
    }

    /// Changes one.
    pub async fn patch(
        &self,
        view: Uuid,
        patch: &SavedViewPatch,
        expected: Expected,
    ) -> Result<SavedView, ClientError> {
        self.0.patch(&["users", "me", "views", &view.to_string()], patch, expected).await
    }

    /// Removes one.
    pub async fn delete(&self, view: Uuid, expected: Expected) -> Result<(), ClientError> {
        self.0.delete(&["users", "me", "views", &view.to_string()], expected).await
    }
}
