//! Which users.

use super::{Direction, Query, replaced, several, sorted};
use crate::names::{Role, UserSort};

/// Which users; conditions are joined by "and". The default is all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter(Query);

impl UserFilter {
    /// Those with one of these roles.
    #[must_use]
    pub fn role(self, roles: &[Role]) -> Self {
        self.with("role", several(roles))
    }

    /// Those who are active, and may come in.
    #[must_use]
    pub fn active(self) -> Self {
        self.with("is_active", true.to_string())
    }

    /// Those who are not.
    #[must_use]
    pub fn inactive(self) -> Self {
        self.with("is_active", false.to_string())
    }

    /// Those in whose email address this is.
    #[must_use]
    pub fn email_part(self, part: impl Into<String>) -> Self {
        self.with("q", part.into())
    }

    /// In this order; the newest first if nothing is said.
    #[must_use]
    pub fn sort(self, by: UserSort, direction: Direction) -> Self {
        self.with("sort", sorted(by.as_str(), direction))
    }

    /// How many are fetched at a time, from 1 to 200.
    #[must_use]
    pub fn page_size(self, size: u32) -> Self {
        self.with("page_size", size.to_string())
    }

    fn with(self, name: &'static str, value: String) -> Self {
        Self(replaced(self.0, name, value))
    }

    pub(crate) fn query(&self) -> Query {
        self.0.clone()
    }
}
