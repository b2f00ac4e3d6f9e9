//! Accounts.

use std::sync::Arc;

use incident_domain::{
    Action, ActionId, Actor, ChangeSet, Email, Origin, PersonName, Role, User, UserId, Version,
    ports::{
        Clock, CommitError, Conflict, IdGenerator, PasswordHasher, PasswordHasherError, Store, StoreError, UniqueKey,
    },
};
use thiserror::Error;

use crate::published;

/// What managing accounts needs from the world.
#[derive(Clone)]
pub struct AccountPorts {
    /// Writes users.
    pub store: Arc<dyn Store>,
    /// Hashes passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn IdGenerator>,
}

/// Manages accounts.
pub struct Accounts {
    ports: AccountPorts,
}

/// Why an account could not be made.
#[derive(Debug, Error)]
pub enum AccountError {
    /// Somebody has this address already.
    #[error("there is a user with this email already")]
    EmailTaken,
    /// The password could not be hashed.
    #[error(transparent)]
    Hasher(#[from] PasswordHasherError),
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The store contradicts itself; it does not happen in ordinary running.
    #[error("the user could not be stored")]
    NotStored(#[source] Conflict),
}

impl From<CommitError> for AccountError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Conflict(Conflict::Duplicate(UniqueKey::Email)) => Self::EmailTaken,
            CommitError::Conflict(conflict) => Self::NotStored(conflict),
        }
    }
}

impl Accounts {
    /// A service over these ports.
    pub const fn new(ports: AccountPorts) -> Self {
        Self { ports }
    }

    /// Makes an administrator. For whoever runs the server: it asks nobody for leave.
    pub async fn create_admin(&self, email: Email, name: PersonName, password: String) -> Result<User, AccountError> {
        let password_hash = self.ports.hasher.hash(password).await?;
        let now = self.ports.clock.now();
        let user = User {
            id: UserId::new(self.ports.ids.next_id()),
            email,
            name,
            role: Role::Admin,
            is_active: true,
            password_hash: Some(password_hash),
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        };
        let action = Action {
            id: ActionId::new(self.ports.ids.next_id()),
            actor: Actor::System,
            kind: "user.create".to_owned(),
            target: format!("user:{}", user.id),
            origin: Origin::default(),
            at: now,
        };
        let event = published::of_new_user(&user, &*self.ports.ids);
        let changes = ChangeSet::new().with_user(user.clone()).with_action(action).with_events([event]);
        self.ports.store.commit(changes).await?;
        Ok(user)
    }
}
