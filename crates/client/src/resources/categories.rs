//! Categories of tasks.

use futures::Stream;
use serde_json::json;
use uuid::Uuid;

use super::items;
use crate::{
    error::ClientError,
    model::Category,
    transport::{Expected, Transport},
};

/// What kinds of work tasks are.
#[derive(Clone, Debug)]
pub struct Categories(pub(crate) Transport);

impl Categories {
    /// The category of this name: the one that there is, or else a new one.
    pub async fn get_or_create(&self, name: &str) -> Result<Category, ClientError> {
        self.0.post(&["categories"], &json!({ "name": name })).await
    }

    /// Reads one.
    pub async fn get(&self, category: Uuid) -> Result<Category, ClientError> {
        self.0.get(&["categories", &category.to_string()], &[]).await
    }

    /// All of them, by name.
    pub fn list(&self) -> impl Stream<Item = Result<Category, ClientError>> + use<> {
        items(self.0.clone(), vec!["categories".to_owned()], Vec::new())
    }

    /// Gives one another name.
    pub async fn rename(&self, category: Uuid, name: &str, expected: Expected) -> Result<Category, ClientError> {
        self.0.patch(&["categories", &category.to_string()], &json!({ "name": name }), expected).await
    }

    /// Removes one that no task is of.
    pub async fn delete(&self, category: Uuid, expected: Expected) -> Result<(), ClientError> {
        self.0.delete(&["categories", &category.to_string()], expected).await
    }
}
