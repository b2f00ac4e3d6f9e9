//! What whoever runs the server can do without signing in: the first administrator, lost passwords, stolen
//! accounts. It asks nobody for leave.

use incident_domain::{
    ApiTokenSelection, ChangeSet, Email, Password, PersonName, Revocation, RevocationReason, Role, SessionSelection,
    User, UserPatch,
};

use super::{AccountError, Accounts};
use crate::{audit, auth::target_of, command::COMMIT_ATTEMPTS_MAX, published};

/// What becomes of a user's API tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiTokens {
    /// They stay: machines go on.
    Keep,
    /// They end: whoever had the account may have made some.
    Revoke,
}

impl Accounts {
    /// Makes an administrator.
    pub async fn create_admin(&self, email: Email, name: PersonName, password: Password) -> Result<User, AccountError> {
        let hash = self.hash(password).await?;
        let user = self.new_user(email, name, Role::Admin, hash);
        let target = format!("user:{}", user.id);
        let action = audit::of_system("user.create", target, user.created_at, &*self.ports.ids);
        self.ports.store.commit(self.changes_of_new(&user, action)).await?;
        Ok(user)
    }

    /// Gives an account a new password and ends its sessions.
    pub async fn reset_password(
        &self,
        email: &Email,
        password: Password,
        api_tokens: ApiTokens,
    ) -> Result<User, AccountError> {
        let hash = self.hash(password).await?;
        let patch = UserPatch { password_hash: Some(hash), ..UserPatch::default() };
        self.recover(email, &patch, "user.reset_password", api_tokens).await
    }

    /// Makes an account inactive and ends its sessions; its API tokens let nobody in as long as it is.
    pub async fn deactivate(&self, email: &Email) -> Result<User, AccountError> {
        let patch = UserPatch { is_active: Some(false), ..UserPatch::default() };
        self.recover(email, &patch, "user.deactivate", ApiTokens::Keep).await
    }

    /// Ends every session: of one account, or of everybody.
    pub async fn revoke_sessions(&self, of: Option<&Email>) -> Result<(), AccountError> {
        let selection = match of {
            Some(email) => SessionSelection::OfUser(self.find_by_email(email).await?.id),
            None => SessionSelection::All,
        };
        let (at, ids) = (self.ports.clock.now(), &*self.ports.ids);
        let revocation = Revocation { at, because: RevocationReason::EndedByOperator };
        let changes = ChangeSet::new()
            .revoke_sessions(selection, revocation)
            .insert(audit::of_system("session.revoke", target_of(&selection), at, ids))
            .insert_all([published::of_sessions_revoked(&selection, &revocation, ids)]);
        self.commit(changes).await
    }

    async fn recover(
        &self,
        email: &Email,
        patch: &UserPatch,
        kind: &str,
        api_tokens: ApiTokens,
    ) -> Result<User, AccountError> {
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let user = self.find_by_email(email).await?;
            let (now, ids) = (self.ports.clock.now(), &*self.ports.ids);
            let (patched, mut changes) = self.changes_of(&user, patch, now);
            if patched.version == user.version {
                return Ok(user);
            }
            if api_tokens == ApiTokens::Revoke {
                let selection = ApiTokenSelection::OfUser(user.id);
                let event = published::of_api_tokens_revoked(&selection, now, ids);
                changes = changes.revoke_api_tokens(selection, now).insert_all([event]);
            }
            let action = audit::of_system(kind, format_args!("user:{}", user.id), now, ids);
            match self.commit(changes.insert(action)).await {
                Ok(()) => return Ok(patched),
                Err(error) if error.is_stale() => {}
                Err(error) => return Err(error),
            }
        }
        Err(AccountError::Contended)
    }

    async fn find_by_email(&self, email: &Email) -> Result<User, AccountError> {
        let found = self.ports.users.find_by_emails(std::slice::from_ref(email)).await?;
        found.into_iter().next().ok_or(AccountError::NotFound)
    }
}
