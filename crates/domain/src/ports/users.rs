//! Reading users.

use async_trait::async_trait;

use super::StoreError;
use crate::{Email, ListCursor, Page, PageRequest, User, UserFilter, UserId, UserSort};

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

    /// A page of the users that a filter matches.
    ///
    /// - MUST contain exactly the users for which [`UserFilter::matches`] is true.
    /// - MUST order, count and go on as [`IncidentRepository::list`](super::IncidentRepository::list) does.
    async fn list(
        &self,
        filter: &UserFilter,
        sort: UserSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<User>, StoreError>;
}
