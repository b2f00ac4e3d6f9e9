//! Lists in pages, as the API shows them.

use incident_domain::{Page, PageRequest};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list: numbered and counted, or after a cursor.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ListBody<T> {
    /// The answer to `page`.
    Numbered {
        /// The items of this page.
        items: Vec<T>,
        /// How many items the whole list has.
        total: u64,
        /// Which page this is, from 1.
        page: u32,
        /// How many items a page has at the most.
        page_size: u32,
        /// How many pages there are.
        total_pages: u64,
    },
    /// The answer to `cursor`.
    AfterCursor {
        /// The next items.
        items: Vec<T>,
        /// The cursor of the items after these; `null` when there are none.
        #[schema(required = true)]
        next_cursor: Option<String>,
    },
}

impl<T> ListBody<T> {
    /// The page that was asked for; `cursor_of` names an item's place in the list.
    pub(crate) fn new<S, C>(
        page: Page<S>,
        asked: &PageRequest<C>,
        cursor_of: impl Fn(&S) -> String,
        show: impl Fn(S) -> T,
    ) -> Self {
        let next_cursor = page.items.last().filter(|_| page.has_more).map(cursor_of);
        let items = page.items.into_iter().map(show).collect();
        match asked {
            PageRequest::Numbered { page: number, size } => {
                let total = page.total.unwrap_or_default();
                let total_pages = total.div_ceil(u64::from(size.get()));
                Self::Numbered { items, total, page: *number, page_size: size.get(), total_pages }
            }
            PageRequest::After { .. } => Self::AfterCursor { items, next_cursor },
        }
    }
}
