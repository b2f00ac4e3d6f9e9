//! Categories of tasks.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use crate::kernel::{call::Expected, collection::resource, error::ClientError};

/// A category of tasks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Category {
    pub id: Uuid,
    /// Its name; upper and lower case are equal.
    pub name: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: u32,
}

resource! {
    /// Categories of tasks. Only a category without tasks can be deleted.
    categories() -> Categories of Category at ["categories"];
    Read {}
    Delete {}
    List {}
}

impl Categories {
    /// Returns the category of this name; creates it if it does not exist.
    pub async fn get_or_create(&self, name: &str) -> Result<Category, ClientError> {
        self.transport.post(&Self::path(&[]), &json!({ "name": name })).await
    }

    /// Renames a category.
    pub async fn rename(&self, category: Uuid, name: &str, expected: Expected) -> Result<Category, ClientError> {
        self.transport.patch(&Self::item(category, &[]), &json!({ "name": name }), expected).await
    }
}
