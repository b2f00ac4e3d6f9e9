//! The filter and the order of lists of users.

use super::{Role, User};
use crate::kernel::{Direction, Listed, Sort, SortKey, SortPosition, names::named};

/// The conditions of a list of users. All of them must hold; of several roles, any one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Any of these roles; every role if empty.
    pub roles: Vec<Role>,
    /// Active or inactive.
    pub is_active: Option<bool>,
    /// A part of the address, compared without case.
    pub email_contains: Option<String>,
}

impl Listed for User {
    type Filter = UserFilter;
    type SortKey = UserSortKey;

    fn matches(&self, filter: &UserFilter) -> bool {
        (filter.roles.is_empty() || filter.roles.contains(&self.role))
            && filter.is_active.is_none_or(|is_active| self.is_active == is_active)
            && filter.email_contains.as_ref().is_none_or(|part| self.email.key().contains(&part.to_lowercase()))
    }
}

named!(
    /// The keys by which users can be sorted.
    UserSortKey {
        /// The time of creation, by id.
        CreatedAt = "created_at",
        /// The time of the last change.
        UpdatedAt = "updated_at",
        /// The address without case, by code points.
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
