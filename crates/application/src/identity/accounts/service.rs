//! What all commands on accounts share.

use std::sync::Arc;

use incident_domain::{
    identity::{
        ApiTokenSelection, Email, Password, PasswordHash, PasswordHasher, Revocation, RevocationReason, Role,
        SessionSelection, User, UserPatch, UserRepository,
    },
    kernel::{PersonName, Timestamp, UserId, Version},
    write::ChangeSet,
};

use super::{AccountError, AccountRule};
use crate::{
    identity::{
        CallerCache,
        published::{api_tokens_revoked, sessions_revoked},
    },
    kernel::{CommandRunner, QueryError, existing},
};

/// What becomes of a user's API tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiTokens {
    /// They stay valid.
    Keep,
    /// They end: an intruder may have made some.
    Revoke,
}

/// Manages accounts.
pub struct Accounts {
    pub(super) runner: Arc<CommandRunner>,
    pub(super) users: Arc<dyn UserRepository>,
    hasher: Arc<dyn PasswordHasher>,
    pub(super) callers: Arc<CallerCache>,
}

impl Accounts {
    /// Makes a service over these ports. The service that recognises callers shares `callers` with it, so that a change
    /// takes effect at once.
    pub const fn new(
        runner: Arc<CommandRunner>,
        users: Arc<dyn UserRepository>,
        hasher: Arc<dyn PasswordHasher>,
        callers: Arc<CallerCache>,
    ) -> Self {
        Self { runner, users, hasher, callers }
    }

    pub(super) async fn find(&self, id: UserId) -> Result<User, QueryError> {
        existing(self.users.find(id).await?)
    }

    pub(super) fn new_user(&self, email: Email, name: PersonName, role: Role, password_hash: PasswordHash) -> User {
        let now = self.runner.now();
        User {
            id: self.runner.new_id(),
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

    pub(super) async fn hash(&self, password: Password) -> Result<PasswordHash, AccountError> {
        Ok(self.hasher.hash(password).await.map_err(AccountRule::from)?)
    }

    /// Patches a user: the user as they will be, and the change set, which ends the sessions and API tokens that must not
    /// outlive the change. Whoever is inactive has no API tokens, so that none comes back with a new activation.
    pub(super) fn patched(
        &self,
        user: &User,
        patch: &UserPatch,
        api_tokens: ApiTokens,
        at: Timestamp,
    ) -> (User, ChangeSet) {
        let patched = user.patched(patch, at);
        let because = if user.is_active && !patched.is_active {
            Some(RevocationReason::UserDeactivated)
        } else if user.password_hash != patched.password_hash {
            Some(RevocationReason::PasswordChanged)
        } else {
            None
        };
        let mut changes = self.runner.changed(user, &patched, "updated", at);
        if let Some(because) = because {
            let (selection, revocation) = (SessionSelection::OfUser(user.id), Revocation { at, because });
            let event = sessions_revoked(&selection, &revocation, self.runner.ids());
            changes = changes.revoke_sessions(selection, revocation).insert(event);
        }
        let ends_api_tokens = because
            .is_some_and(|because| because == RevocationReason::UserDeactivated || api_tokens == ApiTokens::Revoke);
        if ends_api_tokens {
            let selection = ApiTokenSelection::OfUser(user.id);
            let event = api_tokens_revoked(&selection, at, self.runner.ids());
            changes = changes.revoke_api_tokens(selection, at).insert(event);
        }
        (patched, changes)
    }
}
