//! Finding incidents by words.

use async_trait::async_trait;

use super::StoreError;
use crate::{SearchHit, SearchText};

/// Finds incidents by words.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SearchRepository: Send + Sync {
    /// The incidents whose title, whose title and description, or one of whose comments has all the words; the first
    /// `offset` are left out, and at most `limit` answered. Both together are at most [`SEARCH_HITS_MAX`](crate::SEARCH_HITS_MAX).
    ///
    /// - MUST find what [`SearchText::found_in`] finds in an incident and [`SearchText::is_in`] in a comment.
    /// - MUST name an incident once, with the best place.
    /// - MUST order by [`FoundIn`](crate::FoundIn), then by the incident's id, the newest first.
    /// - MUST see every commit that was answered before the call, and nothing of what was taken away or overwritten.
    /// - MAY leave out what lies beyond the newest [`SEARCH_HITS_MAX`](crate::SEARCH_HITS_MAX) texts of one place.
    async fn search(&self, text: &SearchText, offset: u32, limit: u32) -> Result<Vec<SearchHit>, StoreError>;
}
