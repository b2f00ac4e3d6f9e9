//! Reading sessions, and what renews them.

use async_trait::async_trait;

use super::StoreError;
use crate::{LiveSessions, Page, PageRequest, RefreshToken, RefreshTokenId, Session, SessionId, TokenHash, User};

/// Reads sessions.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// The session with this id and the user who it belongs to, in one round trip: every request of a
    /// signed-in user whose session is not cached asks for both.
    ///
    /// - MUST answer every field of both exactly as it was committed.
    /// - MUST see every commit that was answered before the call.
    async fn find(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError>;

    /// A page of a user's live sessions.
    ///
    /// - MUST contain exactly the sessions for which [`LiveSessions::matches`] is true.
    /// - MUST order, count and go on as [`IncidentRepository::list`](super::IncidentRepository::list) does.
    async fn list(&self, filter: &LiveSessions, page: PageRequest<SessionId>) -> Result<Page<Session>, StoreError>;
}

/// Reads refresh tokens.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RefreshTokenRepository: Send + Sync {
    /// The token with this id.
    ///
    /// - MUST answer every field exactly as it was committed.
    /// - MUST see every commit that was answered before the call.
    async fn find(&self, id: RefreshTokenId) -> Result<Option<RefreshToken>, StoreError>;

    /// The token of which this is stored; the same MUSTs as [`find`](Self::find).
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<RefreshToken>, StoreError>;

    /// The tokens that the use of one has brought, in the order in which they were made.
    ///
    /// - MUST answer all of them, and see every commit that was answered before the call.
    async fn successors(&self, of: RefreshTokenId) -> Result<Vec<RefreshToken>, StoreError>;
}
