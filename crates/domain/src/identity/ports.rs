//! Ports that read users, sessions and tokens.

use async_trait::async_trait;

use super::{ApiToken, Email, LiveSessions, RefreshToken, RefreshTokenId, Session, TokenHash, User};
#[cfg(feature = "mocks")]
use super::{UserFilter, UserSort};
#[cfg(feature = "mocks")]
use crate::kernel::ListCursor;
use crate::kernel::{ApiTokenId, Listing, Page, PageRequest, Repository, SessionId, StoreError, UserId};

/// Reads users.
#[async_trait]
pub trait UserRepository: Repository<User> + Listing<User> {
    /// Returns the users with these addresses, in any order; takes at most 500.
    ///
    /// - MUST compare addresses without case, as [`Email::key`] does.
    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError>;
}

/// Reads sessions.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Returns a session and its user in one round trip, since every request of a signed-in user whose session is not
    /// cached needs both.
    ///
    /// - MUST return every field of both exactly as it was committed.
    /// - MUST see every commit that completed before the call.
    async fn find_with_user(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError>;

    /// Returns a page of a user's live sessions.
    ///
    /// - MUST contain exactly the sessions for which [`LiveSessions::matches`] is true.
    /// - MUST order, count and continue as [`Listing::list`] does.
    async fn list(&self, filter: &LiveSessions, page: PageRequest<SessionId>) -> Result<Page<Session>, StoreError>;
}

/// Reads refresh tokens.
#[async_trait]
pub trait RefreshTokenRepository: Repository<RefreshToken> {
    /// Returns the token with this hash; the same MUSTs as [`find`](Repository::find).
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<RefreshToken>, StoreError>;

    /// Returns the tokens whose predecessor is `of`, in the order of creation.
    ///
    /// - MUST return all of them, and see every commit that completed before the call.
    async fn successors(&self, of: RefreshTokenId) -> Result<Vec<RefreshToken>, StoreError>;
}

/// Reads API tokens.
#[async_trait]
pub trait ApiTokenRepository: Repository<ApiToken> {
    /// Returns the token with this hash and its user, in one round trip.
    ///
    /// - MUST return every field of both exactly as it was committed.
    /// - MUST see every commit that completed before the call.
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<(ApiToken, User)>, StoreError>;

    /// Returns a page of a user's tokens that are not revoked, including expired ones.
    ///
    /// - MUST order, count and continue as [`Listing::list`] does.
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
    }

    #[async_trait]
    impl Listing<User> for UserRepository {
        async fn list(
            &self,
            filter: &UserFilter,
            sort: UserSort,
            page: PageRequest<ListCursor>,
        ) -> Result<Page<User>, StoreError>;
    }
}
