//! Accounts: managing them over the API, and recovering them from the command line.

mod error;
mod manage;
mod recover;

use std::sync::Arc;

use incident_domain::{
    Action, ChangeSet, Email, Password, PasswordHash, PersonName, Revocation, RevocationReason, Role, SessionSelection,
    Timestamp, User, UserId, UserPatch, Version,
    ports::{Clock, IdGenerator, PasswordHasher, Store, UserRepository},
};

pub use error::AccountError;
pub use manage::{NewUser, UserChange};
pub use recover::ApiTokens;

use crate::{RecognisedCallers, audit::Audit, published};

/// What managing accounts needs from the world.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct AccountPorts {
    pub store: Arc<dyn Store>,
    pub users: Arc<dyn UserRepository>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
}

/// Manages accounts.
pub struct Accounts {
    ports: AccountPorts,
    recognised: Arc<RecognisedCallers>,
}

impl Accounts {
    /// A service over these ports. Whoever recognises callers shares `recognised` with it, so that a change
    /// works at once.
    pub const fn new(ports: AccountPorts, recognised: Arc<RecognisedCallers>) -> Self {
        Self { ports, recognised }
    }

    fn audit(&self) -> Audit<'_> {
        Audit { store: &*self.ports.store, clock: &*self.ports.clock, ids: &*self.ports.ids }
    }

    async fn find(&self, id: UserId) -> Result<User, AccountError> {
        self.ports.users.find(id).await?.ok_or(AccountError::NotFound)
    }

    fn new_user(&self, email: Email, name: PersonName, role: Role, password_hash: PasswordHash) -> User {
        let now = self.ports.clock.now();
        User {
            id: UserId::new(self.ports.ids.next_id()),
            email,
            name,
            role,
            is_active: true,
            password_hash: Some(password_hash),
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        }
    }

    async fn hash(&self, password: Password) -> Result<PasswordHash, AccountError> {
        Ok(self.ports.hasher.hash(password).await?)
    }

    /// The change set of a new user.
    fn changes_of_new(&self, user: &User, action: Action) -> ChangeSet {
        let event = published::of_new_user(user, &*self.ports.ids);
        ChangeSet::new().insert(user.clone()).insert(action).insert_all([event])
    }

    /// The change set of a patch: with it go the sessions that must not outlive it.
    fn changes_of(&self, user: &User, patch: &UserPatch, at: Timestamp) -> (User, ChangeSet) {
        let ids = &*self.ports.ids;
        let patched = user.patched(patch, at);
        let because = if user.is_active && !patched.is_active {
            Some(RevocationReason::UserDeactivated)
        } else if user.password_hash != patched.password_hash {
            Some(RevocationReason::PasswordChanged)
        } else {
            None
        };
        let event = published::of_updated_user(&patched, ids);
        let mut changes = ChangeSet::new().update(patched.clone(), user.version).insert_all([event]);
        if let Some(because) = because {
            let (selection, revocation) = (SessionSelection::OfUser(user.id), Revocation { at, because });
            let event = published::of_sessions_revoked(&selection, &revocation, ids);
            changes = changes.revoke_sessions(selection, revocation).insert_all([event]);
        }
        (patched, changes)
    }

    async fn commit(&self, changes: ChangeSet) -> Result<(), AccountError> {
        self.ports.store.commit(changes).await?;
        self.recognised.forget();
        Ok(())
    }
}
