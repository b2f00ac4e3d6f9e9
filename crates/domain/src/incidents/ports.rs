//! Ports that read incidents, timelines, search hits and statistics, and that allocate incident numbers.

use async_trait::async_trait;
use chrono::TimeDelta;

use super::{
    Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentSort, IncidentTimes, KeyCheck, SearchHit, SearchText,
    Status, StatusStep, TimelineEntry,
};
use crate::kernel::{
    ExternalName, ListCursor, Page, PageRequest, PageSize, Repository, SortPosition, StoreError, Timestamp,
};

/// Reads incidents.
#[async_trait]
pub trait IncidentRepository: Repository<Incident> {
    /// Returns the incident with this number; the same MUSTs as [`find`](Repository::find).
    async fn find_by_number(&self, number: IncidentNumber) -> Result<Option<Incident>, StoreError>;

    /// Returns the incidents with these numbers that exist; the same MUSTs as [`find_many`](Repository::find_many).
    async fn find_many_by_number(&self, numbers: &[IncidentNumber]) -> Result<Vec<Incident>, StoreError>;

    /// Returns a page of the incidents that a filter matches.
    ///
    /// - MUST contain exactly the incidents for which [`IncidentFilter::matches`] is true and, if the filter has a
    ///   text, in which or in one of whose comments [`SearchText`] finds the words.
    /// - MUST order them by [`SortKey::position_of`](crate::kernel::SortKey::position_of) and then by id, both in the
    ///   requested direction, so that pages neither overlap nor have gaps.
    /// - MUST continue after any cursor, even if its incident no longer exists.
    /// - MUST count all matching incidents for a numbered page, and none for a cursor.
    /// - MUST report correctly whether there are more.
    /// - MAY search only the newest 10,000 texts that have the words, unless the filter's
    ///   [`SearchScope`](crate::incidents::SearchScope) is all texts.
    async fn list(
        &self,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, StoreError>;

    /// Returns the ids of at most `size` incidents, only those below `before` if it is given.
    ///
    /// - MUST return the ids that [`list`](Self::list) returns without a filter, in the same order.
    /// - MUST return the id of an incident whose other fields are unreadable, so that a check of the store can continue
    ///   after it. An adapter whose store others can write to must override this implementation.
    async fn ids(&self, before: Option<IncidentId>, size: PageSize) -> Result<Vec<IncidentId>, StoreError> {
        let cursor = before.map(|id| ListCursor { position: SortPosition::Id, id: id.as_uuid() });
        let page = PageRequest::After { cursor, size };
        let page = self.list(&IncidentFilter::default(), IncidentSort::default(), page).await?;
        Ok(page.items.iter().map(|incident| incident.id).collect())
    }

    /// Returns those of these external numbers that exist for a source; takes at most 500.
    ///
    /// - MUST return exactly the numbers that an incident has, in any order.
    async fn existing_external_numbers(
        &self,
        source: &ExternalName,
        numbers: &[ExternalName],
    ) -> Result<Vec<ExternalName>, StoreError>;
}

/// Allocates incident numbers.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait IncidentNumbers: Send + Sync {
    /// Returns the next number.
    ///
    /// - MUST NOT return a number twice, to any process. Gaps are allowed, so that an adapter may allocate blocks.
    async fn next(&self) -> Result<IncidentNumber, StoreError>;
}

/// Reads timelines.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait TimelineRepository: Send + Sync {
    /// Returns at most `limit` entries of one incident with a sequence above `after`.
    ///
    /// - MUST return every field exactly as it was committed.
    /// - MUST order them by sequence, the smallest first.
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError>;

    /// Returns the last `limit_each` entries of each of these incidents, in one round trip.
    ///
    /// - MUST return the same entries as reading each incident's timeline alone.
    /// - MUST order the entries of one incident by sequence, the smallest first.
    async fn latest_entries(&self, incidents: &[IncidentId], limit_each: u32)
    -> Result<Vec<TimelineEntry>, StoreError>;
}

/// Stores which keys have sealed timelines, as check values.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait TimelineKeyRepository: Send + Sync {
    /// Returns the check values of all keys that sealed timelines, in the order in which they were added.
    ///
    /// - MUST see every check value whose addition completed before the call.
    async fn key_checks(&self) -> Result<Vec<KeyCheck>, StoreError>;

    /// Adds the check value of a key; `known` is the number of check values that the caller has read.
    ///
    /// - MUST add it, be durable, and return true if there are exactly `known` others and it is not among them.
    /// - MUST return false, and change nothing, if there are more or if it is among them.
    /// - MUST return true to only one of several concurrent callers with the same `known`.
    async fn add_key_check(&self, check: KeyCheck, known: u32) -> Result<bool, StoreError>;
}

/// Searches incidents by words.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SearchRepository: Send + Sync {
    /// Returns the incidents of which the title, the title and description together, or one comment has all the words,
    /// after skipping `offset` and at most `limit`. Their sum is at most
    /// [`SEARCH_HITS_MAX`](crate::incidents::SEARCH_HITS_MAX).
    ///
    /// - MUST find what [`SearchText::found_in`] finds in an incident and [`SearchText::is_in`] in a comment.
    /// - MUST return an incident once, with the best match.
    /// - MUST order by [`FoundIn`](crate::incidents::FoundIn), then by the incident's id, the newest first.
    /// - MUST see every commit that completed before the call, and no text that was deleted or overwritten.
    /// - MAY leave out matches beyond the newest [`SEARCH_HITS_MAX`](crate::incidents::SEARCH_HITS_MAX) texts of one
    ///   [`FoundIn`](crate::incidents::FoundIn).
    async fn search(&self, text: &SearchText, offset: u32, limit: u32) -> Result<Vec<SearchHit>, StoreError>;
}

/// Reads the data of statistics.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait StatisticsRepository: Send + Sync {
    /// Returns the times of at most `limit` incidents that a filter matches, only those after a position if it is
    /// given.
    ///
    /// - MUST return exactly the incidents for which [`IncidentFilter::matches`] is true; the filter has no `text`.
    /// - MUST order them by the time they were opened, then by id, the smallest first.
    async fn times(
        &self,
        filter: &IncidentFilter,
        after: Option<(Timestamp, IncidentId)>,
        limit: u32,
    ) -> Result<Vec<IncidentTimes>, StoreError>;

    /// Returns the transitions in the timelines of these incidents; takes at most 500 incidents.
    ///
    /// - MUST order the transitions of one incident as its timeline does, the oldest first.
    async fn status_steps(&self, incidents: &[IncidentId]) -> Result<Vec<StatusStep>, StoreError>;
}

/// Reads counts for metrics.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait OverviewRepository: Send + Sync {
    /// Returns the number of incidents by status.
    ///
    /// - MUST return every status once, in the order of [`Status::ALL`], including those without incidents.
    /// - MUST see every commit that completed before the call.
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError>;

    /// Returns the number of live sessions of all users at `now`.
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
