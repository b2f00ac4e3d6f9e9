//! Which users a list is to show, and in which order.

use super::{Role, User};
use crate::kernel::{Direction, Sort, SortKey, SortPosition, names::named};

/// Every given condition must hold; of several roles any will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// With any of these roles; all when empty.
    pub roles: Vec<Role>,
    /// Those who are active, or those who are not.
    pub is_active: Option<bool>,
    /// With this in the address, compared as addresses are: without case.
    pub email_contains: Option<String>,
}

impl UserFilter {
    /// Whether a user fulfils every condition: what an adapter's query must mean.
    pub fn matches(&self, user: &User) -> bool {
        (self.roles.is_empty() || self.roles.contains(&user.role))
            && self.is_active.is_none_or(|is_active| user.is_active == is_active)
            && self.email_contains.as_ref().is_none_or(|part| user.email.key().contains(&part.to_lowercase()))
    }
}

named!(
    /// By what users can be ordered.
    UserSortKey {
        /// When they were made: by id.
        CreatedAt = "created_at",
        /// When they last changed.
        UpdatedAt = "updated_at",
        /// Their address, without case, code point by code point.
        Email = "email",
    }
);

/// The order of a list of users.
pub type UserSort = Sort<UserSortKey>;

/// The newest first.
impl Default for UserSort {
    fn default() -> Self {
        Self { key: UserSortKey::CreatedAt, direction: Direction::Descending }
    }
}

impl SortKey for UserSortKey {
    type Item = User;

    fn position_of(self, user: &User) -> SortPosition {
        match self {
            Self::CreatedAt => SortPosition::Id,
            Self::UpdatedAt => SortPosition::Time(user.updated_at),
            Self::Email => SortPosition::Text(user.email.key().to_owned()),
        }
    }

    fn has(self, position: &SortPosition) -> bool {
        match self {
            Self::CreatedAt => matches!(position, SortPosition::Id),
            Self::UpdatedAt => matches!(position, SortPosition::Time(_)),
            Self::Email => matches!(position, SortPosition::Text(_)),
        }
    }
}
