//! Reading incidents, and the numbers for new ones.

use async_trait::async_trait;

use super::StoreError;
use crate::{
    ExternalName, Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentSort, ListCursor, Page, PageRequest,
    PageSize, SortPosition,
};

/// Reads incidents.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait IncidentRepository: Send + Sync {
    /// The incident with this id.
    ///
    /// - MUST answer every field exactly as it was committed.
    /// - MUST see every commit that was answered before the call.
    /// - MUST answer `None` for an incident that does not exist or was deleted.
    async fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError>;

    /// The incident with this number; the same MUSTs as [`find`](Self::find).
    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError>;

    /// Those of these incidents that there are, in any order; at most 500 at a time.
    ///
    /// - MUST answer every field exactly as it was committed.
    async fn find_many(&self, ids: &[IncidentId]) -> Result<Vec<Incident>, StoreError>;

    /// Those of the incidents with these numbers that there are; the same MUSTs as [`find_many`](Self::find_many).
    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError>;

    /// A page of the incidents that a filter matches.
    ///
    /// - MUST contain exactly the incidents for which [`IncidentFilter::matches`] is true, and of which, when words
    ///   are given, [`SearchText`](crate::SearchText) finds the incident or one of its comments.
    /// - MUST order them as [`SortKey::position_of`](crate::SortKey::position_of) says and by id where that is equal,
    ///   in the direction that is asked for, so that pages neither overlap nor leave anything out.
    /// - MUST go on after a cursor wherever it points, also when nothing stands there any more.
    /// - MUST count all matching incidents for a numbered page, and none for a cursor.
    /// - MUST say truthfully whether there are more.
    /// - MAY look for words in the newest 10,000 texts only that have them, unless the filter's
    ///   [`TextReach`](crate::TextReach) is every text.
    async fn list(
        &self,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, StoreError>;

    /// The ids of all incidents, those below `before` only if it is given, and at most `size` of them.
    ///
    /// - MUST be those of the incidents that [`list`](Self::list) gives without a filter, in its order.
    /// - MUST name an incident also when the rest of it cannot be read: whoever checks what is stored gets past it.
    ///   An adapter whose store others can write to has to do better than what stands here.
    async fn ids(&self, before: Option<IncidentId>, size: PageSize) -> Result<Vec<IncidentId>, StoreError> {
        let cursor = before.map(|id| ListCursor { position: SortPosition::Id, id: id.as_uuid() });
        let page = PageRequest::After { cursor, size };
        let page = self.list(&IncidentFilter::default(), IncidentSort::default(), page).await?;
        Ok(page.items.iter().map(|incident| incident.id).collect())
    }

    /// Which of these external numbers are known from an import of this source; at most 500 at a time.
    ///
    /// - MUST answer exactly those that an incident carries, in any order.
    async fn known_external(
        &self,
        source: &ExternalName,
        numbers: &[ExternalName],
    ) -> Result<Vec<ExternalName>, StoreError>;
}

/// Hands out incident numbers.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait IncidentNumbers: Send + Sync {
    /// The next number.
    ///
    /// - MUST never give a number twice, to whichever process asks. Gaps are allowed, so that an adapter
    ///   may take numbers in blocks.
    async fn next(&self) -> Result<IncidentNumber, StoreError>;
}
