//! Lists in pages.

use serde::Deserialize;

/// A page of a list, by its number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Page<T> {
    pub items: Vec<T>,
    /// How many items the whole list has.
    pub total: u64,
    /// The number of this page, from 1.
    pub page: u32,
    /// How many items a page has at most.
    pub page_size: u32,
    /// How many pages there are.
    pub total_pages: u64,
}

/// A page of a list, after a cursor.
#[derive(Deserialize)]
pub(crate) struct CursorPage<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next_cursor: Option<String>,
}
