//! Reading incidents, their timelines, search hits and statistics; numbers for new incidents.

use async_trait::async_trait;
use chrono::TimeDelta;

use super::{
    Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentSort, IncidentTimes, SearchHit, SearchText, Status,
    StatusStep, TimelineEntry,
};
use crate::kernel::{
    ExternalName, ListCursor, Page, PageRequest, PageSize, Repository, SortPosition, StoreError, Timestamp,
};

/// Reads incidents.
#[async_trait]
pub trait IncidentRepository: Repository<Incident> {
    /// The incident with this number; the same MUSTs as [`find`](Repository::find).
    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError>;

    /// Those of the incidents with these numbers that there are; the same MUSTs as
    /// [`find_many`](Repository::find_many).
    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError>;

    /// A page of the incidents that a filter matches.
    ///
    /// - MUST contain exactly the incidents for which [`IncidentFilter::matches`] is true, and of which, when words
    ///   are given, [`SearchText`](crate::incidents::SearchText) finds the incident or one of its comments.
    /// - MUST order them as [`SortKey::position_of`](crate::kernel::SortKey::position_of) says and by id where that is equal,
    ///   in the direction that is asked for, so that pages neither overlap nor leave anything out.
    /// - MUST go on after a cursor wherever it points, also when nothing stands there any more.
    /// - MUST count all matching incidents for a numbered page, and none for a cursor.
    /// - MUST say truthfully whether there are more.
    /// - MAY look for words in the newest 10,000 texts only that have them, unless the filter's
    ///   [`SearchScope`](crate::incidents::SearchScope) is every text.
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
    async fn existing_external_numbers(
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

/// Reads timelines.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait TimelineRepository: Send + Sync {
    /// The entries of one incident with a sequence above `after`, at most `limit` of them.
    ///
    /// - MUST answer every field exactly as it was committed.
    /// - MUST order them by sequence, the smallest first.
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError>;

    /// The last `limit_each` entries of each of these incidents, in one round trip however many they are.
    ///
    /// - MUST answer the same entries as reading each incident's timeline alone.
    /// - MUST order the entries of one incident by sequence, the smallest first.
    async fn latest_entries(&self, incidents: &[IncidentId], limit_each: u32)
    -> Result<Vec<TimelineEntry>, StoreError>;
}

/// Finds incidents by words.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SearchRepository: Send + Sync {
    /// The incidents whose title, whose title and description, or one of whose comments has all the words; the first
    /// `offset` are left out, and at most `limit` answered. Both together are at most [`SEARCH_HITS_MAX`](crate::incidents::SEARCH_HITS_MAX).
    ///
    /// - MUST find what [`SearchText::found_in`] finds in an incident and [`SearchText::is_in`] in a comment.
    /// - MUST name an incident once, with the best place.
    /// - MUST order by [`FoundIn`](crate::incidents::FoundIn), then by the incident's id, the newest first.
    /// - MUST see every commit that was answered before the call, and nothing of what was taken away or overwritten.
    /// - MAY leave out what lies beyond the newest [`SEARCH_HITS_MAX`](crate::incidents::SEARCH_HITS_MAX) texts of one place.
    async fn search(&self, text: &SearchText, offset: u32, limit: u32) -> Result<Vec<SearchHit>, StoreError>;
}

/// Reads what the numbers about incidents are made of.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait StatisticsRepository: Send + Sync {
    /// What the numbers need to know of the incidents that a filter matches, those after a place only if it is given,
    /// and at most `limit` of them.
    ///
    /// - MUST be of exactly the incidents for which [`IncidentFilter::matches`] is true; `text` is not asked for.
    /// - MUST order them by the time they were opened, then by id, the smallest first.
    async fn times(
        &self,
        filter: &IncidentFilter,
        after: Option<(Timestamp, IncidentId)>,
        limit: u32,
    ) -> Result<Vec<IncidentTimes>, StoreError>;

    /// The steps of the state machine that the timelines of these incidents tell; at most 500 incidents at a time.
    ///
    /// - MUST order the steps of one incident as its timeline does, the oldest first.
    async fn status_steps(&self, incidents: &[IncidentId]) -> Result<Vec<StatusStep>, StoreError>;
}

/// Counts what there is.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait OverviewRepository: Send + Sync {
    /// How many incidents stand where.
    ///
    /// - MUST tell every status once, in the order of [`Status::ALL`], those of no incident too.
    /// - MUST see every commit that was answered before the call.
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError>;

    /// How many sessions of all users let them in at this moment.
    ///
    /// - MUST count exactly the sessions for which [`Session::is_live`](crate::identity::Session::is_live) is true.
    async fn live_sessions(&self, now: Timestamp, idle_max: TimeDelta) -> Result<u64, StoreError>;
}

#[cfg(feature = "mocks")]
mockall::mock! {
    /// A mock of [`IncidentRepository`].
    pub IncidentRepository {}

    #[async_trait]
    impl Repository<Incident> for IncidentRepository {
        async fn find(&self, id: IncidentId) -> Result<Option<Incident>, StoreError>;
        async fn find_many(&self, ids: &[IncidentId]) -> Result<Vec<Incident>, StoreError>;
    }

    #[async_trait]
    impl IncidentRepository for IncidentRepository {
        async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError>;
        async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError>;
        async fn list(
            &self,
            filter: &IncidentFilter,
            sort: IncidentSort,
            page: PageRequest<ListCursor>,
        ) -> Result<Page<Incident>, StoreError>;
        async fn ids(&self, before: Option<IncidentId>, size: PageSize) -> Result<Vec<IncidentId>, StoreError>;
        async fn existing_external_numbers(
            &self,
            source: &ExternalName,
            numbers: &[ExternalName],
        ) -> Result<Vec<ExternalName>, StoreError>;
    }
}
