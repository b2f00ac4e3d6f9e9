//! Reading API tokens.

use async_trait::async_trait;

use super::StoreError;
use crate::{ApiToken, ApiTokenId, Page, PageRequest, TokenHash, User, UserId};

/// Reads API tokens.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ApiTokenRepository: Send + Sync {
    /// The token with this id.
    ///
    /// - MUST answer every field exactly as it was committed.
    async fn find(&self, id: ApiTokenId) -> Result<Option<ApiToken>, StoreError>;

    /// The token of which this is stored and the user who it belongs to, in one round trip.
    ///
    /// - MUST answer every field of both exactly as it was committed.
    /// - MUST see every commit that was answered before the call.
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<(ApiToken, User)>, StoreError>;

    /// A page of a user's tokens that are not revoked; expired ones are among them.
    ///
    /// - MUST order, count and go on as [`IncidentRepository::list`](super::IncidentRepository::list) does.
    async fn list(&self, user: UserId, page: PageRequest<ApiTokenId>) -> Result<Page<ApiToken>, StoreError>;
}
