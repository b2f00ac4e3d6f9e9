//! Who can be assigned.

use incident_domain::{
    identity::UserRepository,
    kernel::{StoreError, UserId},
};

/// Returns true if work can be assigned to a user: they exist, and are active.
pub(crate) async fn is_assignable(users: &dyn UserRepository, user: UserId) -> Result<bool, StoreError> {
    Ok(users.find(user).await?.is_some_and(|user| user.is_active))
}
