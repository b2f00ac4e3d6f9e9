//! Faults of lists of any kind.

use async_trait::async_trait;
use incident_domain::kernel::{ListCursor, Listed, Listing, Page, PageRequest, Sort, StoreError};
use incident_memory::MemoryStore;
use uuid::Uuid;

use crate::{fault::Fault, mutant::Mutant};

impl Mutant {
    /// Returns the filter that is applied in place of another.
    pub(crate) fn filter<F: Clone + Default>(&self, filter: &F) -> F {
        if self.has(Fault::IgnoresFilters) { F::default() } else { filter.clone() }
    }

    /// Returns the page that is read in place of another; `None` is an empty one.
    pub(crate) fn request<C>(&self, page: PageRequest<C>, uuid_of: impl Fn(&C) -> Uuid) -> Option<PageRequest<C>> {
        match (self.fault, page) {
            (Some(Fault::IgnoresCursors), PageRequest::After { size, .. }) => {
                Some(PageRequest::After { cursor: None, size })
            }
            (Some(Fault::CursorsNeedTheirItem), PageRequest::After { cursor: Some(cursor), .. })
                if !self.notes().has_inserted(uuid_of(&cursor)) =>
            {
                None
            }
            (_, page) => Some(page),
        }
    }

    /// Returns the page that is answered in place of another.
    pub(crate) fn page<T>(&self, mut page: Page<T>) -> Page<T> {
        match self.fault {
            Some(Fault::CountsThePageOnly) => page.total = page.total.and(u64::try_from(page.items.len()).ok()),
            Some(Fault::NeverHasMore) => page.has_more = false,
            Some(Fault::ListsInReverse) => page.items.reverse(),
            _ => {}
        }
        page
    }
}

#[async_trait]
impl<R: Listed<Filter: Clone + Default>> Listing<R> for Mutant
where
    MemoryStore: Listing<R>,
{
    async fn list(
        &self,
        filter: &R::Filter,
        sort: Sort<R::SortKey>,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<R>, StoreError> {
        let Some(page) = self.request(page, |cursor| cursor.id) else { return Ok(empty()) };
        Ok(self.page(Listing::<R>::list(&*self.memory, &self.filter(filter), sort, page).await?))
    }
}

/// Returns a page without items.
pub(crate) const fn empty<T>() -> Page<T> {
    Page { items: Vec::new(), total: None, has_more: false }
}
