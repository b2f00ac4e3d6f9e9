//! Reading users.

use async_trait::async_trait;

use super::StoreError;
use crate::{Email, Page, PageRequest, User, UserId};

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

    /// A page of all users.
    ///
    /// - MUST order, count and go on as [`IncidentRepository::list`](super::IncidentRepository::list) does.
    async fn list(&self, page: PageRequest<UserId>) -> Result<Page<User>, StoreError>;
}
