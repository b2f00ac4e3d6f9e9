//! Reading users and what authenticates them.

use async_trait::async_trait;

use super::{
    ApiToken, Email, LiveSessions, RefreshToken, RefreshTokenId, Session, TokenHash, User, UserFilter, UserSort,
};
use crate::kernel::{ApiTokenId, ListCursor, Page, PageRequest, Repository, SessionId, StoreError, UserId};

/// Reads users.
#[async_trait]
pub trait UserRepository: Repository<User> {
    /// The users with these addresses, in any order; at most 500 at a time.
    ///
    /// - MUST compare addresses without case, as [`Email::key`] does.
    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError>;

    /// A page of the users that a filter matches.
    ///
    /// - MUST contain exactly the users for which [`UserFilter::matches`] is true.
    /// - MUST order, count and go on as [`IncidentRepository::list`](crate::incidents::IncidentRepository::list) does.
    async fn list(
        &self,
        filter: &UserFilter,
        sort: UserSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<User>, StoreError>;
}

/// Reads sessions.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// The session with this id and the user who it belongs to, in one round trip: every request of a
    /// signed-in user whose session is not cached asks for both.
    ///
    /// - MUST answer every field of both exactly as it was committed.
    /// - MUST see every commit that was answered before the call.
    async fn find_with_user(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError>;

    /// A page of a user's live sessions.
    ///
    /// - MUST contain exactly the sessions for which [`LiveSessions::matches`] is true.
    /// - MUST order, count and go on as [`IncidentRepository::list`](crate::incidents::IncidentRepository::list) does.
    async fn list(&self, filter: &LiveSessions, page: PageRequest<SessionId>) -> Result<Page<Session>, StoreError>;
}

/// Reads refresh tokens.
#[async_trait]
pub trait RefreshTokenRepository: Repository<RefreshToken> {
    /// Returns the token with this hash; the same MUSTs as [`find`](Repository::find).
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<RefreshToken>, StoreError>;

    /// The tokens that the use of one has brought, in the order in which they were made.
    ///
    /// - MUST answer all of them, and see every commit that was answered before the call.
    async fn successors(&self, of: RefreshTokenId) -> Result<Vec<RefreshToken>, StoreError>;
}

/// Reads API tokens.
#[async_trait]
pub trait ApiTokenRepository: Repository<ApiToken> {
    /// The token of which this is stored and the user who it belongs to, in one round trip.
    ///
    /// - MUST answer every field of both exactly as it was committed.
    /// - MUST see every commit that was answered before the call.
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<(ApiToken, User)>, StoreError>;

    /// A page of a user's tokens that are not revoked; expired ones are among them.
    ///
    /// - MUST order, count and go on as [`IncidentRepository::list`](crate::incidents::IncidentRepository::list) does.
    async fn list(&self, user: UserId, page: PageRequest<ApiTokenId>) -> Result<Page<ApiToken>, StoreError>;
}

#[cfg(feature = "mocks")]
mockall::mock! {
    /// A mock of [`UserRepository`].
    pub UserRepository {}

    #[async_trait]
    impl Repository<User> for UserRepository {
        async fn find(&self, id: UserId) -> Result<Option<User>, StoreError>;
        async fn find_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError>;
    }

    #[async_trait]
    impl UserRepository for UserRepository {
        async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError>;
        async fn list(
            &self,
            filter: &UserFilter,
            sort: UserSort,
            page: PageRequest<ListCursor>,
        ) -> Result<Page<User>, StoreError>;
    }
}
