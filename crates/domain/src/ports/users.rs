//! Reading users and sessions.

use async_trait::async_trait;

use super::StoreError;
use crate::{Email, Session, SessionId, User, UserId};

/// Reads users.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// The user with this id.
    ///
    /// - MUST answer every field exactly as it was committed.
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The users with these addresses, in any order; at most 500 at a time.
    ///
    /// - MUST compare addresses without case, as [`Email::key`] does.
    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError>;
}

/// Reads sessions.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// The session with this id and the user who it belongs to, in one round trip: every request of a
    /// signed-in user asks for both.
    ///
    /// - MUST answer every field of both exactly as it was committed.
    async fn find(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError>;
}
