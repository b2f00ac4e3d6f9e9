//! Users.

use async_trait::async_trait;
use incident_domain::{
    identity::{Email, User, UserRepository},
    kernel::{StoreError, UniqueValue},
};

use crate::store::MemoryStore;

#[async_trait]
impl UserRepository for MemoryStore {
    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError> {
        let state = self.state();
        let users = state.of::<User>();
        let id_of = |email: &Email| users.id_of(&UniqueValue::new(User::EMAIL, [email.key().as_bytes()]));
        Ok(users.get_many(emails.iter().filter_map(id_of)))
    }
}
