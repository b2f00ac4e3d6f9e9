//! Categories.

use async_trait::async_trait;
use incident_domain::{
    kernel::{ListCursor, Page, PageRequest, SortPosition, StoreError, UniqueValue},
    work::{Category, CategoryName, CategoryRepository},
};

use crate::{
    kernel::page::{cloned, page_of},
    store::MemoryStore,
};

#[async_trait]
impl CategoryRepository for MemoryStore {
    async fn find_by_name(&self, name: &CategoryName) -> Result<Option<Category>, StoreError> {
        let value = UniqueValue::new(Category::NAME, [name.key().as_bytes()]);
        Ok(self.state().of::<Category>().with_value(&value).cloned())
    }

    async fn list(&self, page: PageRequest<ListCursor>) -> Result<Page<Category>, StoreError> {
        let state = self.state();
        // The order of UTF-8 by bytes is the order by code points.
        let by_name = state.of::<Category>().ordered_by(Category::NAME);
        let place_of = |category: &&Category| ListCursor {
            position: SortPosition::Text(category.name.key().to_owned()),
            id: category.id.as_uuid(),
        };
        Ok(cloned(page_of(by_name, place_of, |cursor| cursor, page)))
    }
}
