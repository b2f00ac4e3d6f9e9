//! Reading lists of records in pages.

use async_trait::async_trait;

use super::{ListCursor, Page, PageRequest, Record, RecordId, Sort, SortKey, StoreError};

/// A kind of record that is listed by conditions and orders of its own.
pub trait Listed: Record<Id: RecordId> {
    /// The conditions.
    type Filter: Send + Sync;
    /// The keys by which the list can be sorted.
    type SortKey: SortKey<Item = Self>;

    /// Returns true if the record fulfils every condition.
    fn matches(&self, filter: &Self::Filter) -> bool;
}

/// Reads lists of one kind of record.
#[async_trait]
pub trait Listing<R: Listed>: Send + Sync {
    /// Returns a page of the records that a filter matches.
    ///
    /// - MUST contain exactly the records for which [`Listed::matches`] is true.
    /// - MUST order them by [`SortKey::position_of`] and then by id, both in the requested direction, so that pages
    ///   neither overlap nor have gaps.
    /// - MUST continue after any cursor, even if its record no longer exists.
    /// - MUST count all matching records for a numbered page, and none for a cursor.
    /// - MUST report correctly whether there are more.
    async fn list(
        &self,
        filter: &R::Filter,
        sort: Sort<R::SortKey>,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<R>, StoreError>;
}
