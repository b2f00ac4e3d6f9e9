//! Categories.

use async_trait::async_trait;
use incident_domain::{
    kernel::{StoreError, UniqueValue},
    work::{Category, CategoryName, CategoryRepository},
};

use crate::store::MemoryStore;

#[async_trait]
impl CategoryRepository for MemoryStore {
    async fn find_by_name(&self, name: &CategoryName) -> Result<Option<Category>, StoreError> {
        let value = UniqueValue::new(Category::NAME, [name.key().as_bytes()]);
        Ok(self.state().of::<Category>().with_value(&value).cloned())
    }
}
