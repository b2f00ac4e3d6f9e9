//! What the operator of the server can do from the command line without signing in: the first administrator, lost
//! passwords, stolen accounts. The caller is the system.

use incident_domain::{
    identity::{Email, Password, Revocation, RevocationReason, Role, SessionSelection, User, UserPatch},
    kernel::{PersonName, Timestamp},
    write::ChangeSet,
};

use super::{AccountError, Accounts, ApiTokens};
use crate::{
    identity::published::{sessions_revoked, sessions_target},
    kernel::{Decision, Principal, QueryError, existing, target},
};

impl Accounts {
    /// Creates an administrator.
    pub async fn create_admin(&self, email: Email, name: PersonName, password: Password) -> Result<User, AccountError> {
        let hash = self.hash(password).await?;
        let user = &self.new_user(email, name, Role::Admin, hash);
        self.commit(
            "user.create",
            |now| async move { Ok((target(user.id), self.runner.created(user, now), user.clone())) },
        )
        .await
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

    /// Makes an account inactive and ends its sessions and API tokens.
    pub async fn deactivate(&self, email: &Email) -> Result<User, AccountError> {
        let patch = UserPatch { is_active: Some(false), ..UserPatch::default() };
        self.recover(email, &patch, "user.deactivate", ApiTokens::Revoke).await
    }

    /// Ends every session of one account, or of all accounts.
    pub async fn revoke_sessions(&self, of: Option<&Email>) -> Result<(), AccountError> {
        let selection = match of {
            Some(email) => SessionSelection::OfUser(self.find_by_email(email).await?.id),
            None => SessionSelection::All,
        };
        self.commit("session.revoke", |at| async move {
            let revocation = Revocation { at, because: RevocationReason::EndedByOperator };
            let event = sessions_revoked(&selection, &revocation, self.runner.ids());
            let changes = ChangeSet::new().revoke_sessions(selection, revocation).insert(event);
            Ok((sessions_target(&selection), changes, ()))
        })
        .await
    }

    async fn recover(
        &self,
        email: &Email,
        patch: &UserPatch,
        kind: &'static str,
        api_tokens: ApiTokens,
    ) -> Result<User, AccountError> {
        self.commit(kind, |now| async move {
            let user = self.find_by_email(email).await?;
            let (patched, mut changes) = self.patched(&user, patch, api_tokens, now);
            if patched.version == user.version {
                changes = ChangeSet::new();
            }
            Ok((target(user.id), changes, patched))
        })
        .await
    }

    async fn find_by_email(&self, email: &Email) -> Result<User, QueryError> {
        existing(self.users.find_by_emails(std::slice::from_ref(email)).await?.into_iter().next())
    }

    /// Commits what the system does to accounts, with the audit record of it. An empty change set is not committed.
    async fn commit<T, F: Future<Output = Result<(String, ChangeSet, T), AccountError>>>(
        &self,
        kind: &'static str,
        decide: impl Fn(Timestamp) -> F,
    ) -> Result<T, AccountError> {
        let decide = |now| {
            let decision = decide(now);
            async move {
                let (target, changes, outcome) = decision.await?;
                if changes.changes().is_empty() {
                    return Ok(Decision::unchanged(outcome));
                }
                let action = self.runner.action(&Principal::system(), kind, target, now);
                Ok(Decision::audited(changes.insert(action), outcome))
            }
        };
        self.runner.commit(decide).await.inspect(|_| self.callers.clear())
    }
}
