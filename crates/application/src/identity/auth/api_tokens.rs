//! API tokens, by which programs act on behalf of a user.

use chrono::TimeDelta;
use incident_domain::{
    identity::{ApiToken, ApiTokenSelection, Role, SecretKind, TokenSecret},
    kernel::{ApiTokenId, Label, Page, PageRequest, PageSize, Record as _, UserId},
    write::ChangeSet,
};

use super::{Auth, AuthError, AuthRule};
use crate::{
    identity::published::{api_token_created, api_tokens_revoked},
    kernel::{Command, Decision, Principal, QueryError, target},
};

/// The most days that an API token lasts.
pub const API_TOKEN_LIFETIME_DAYS_MAX: u32 = 366;

/// The most API tokens that a user has at a time.
pub const API_TOKENS_PER_USER_MAX: u64 = 100;

/// An API token to be created.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    /// What its user calls it.
    pub name: Label,
    /// The most that it may do.
    pub role: Role,
    /// How many days it lasts.
    pub lifetime_days: u32,
}

impl Auth {
    /// Creates an API token for the caller; its secret is shown this once.
    pub async fn create_api_token(
        &self,
        command: Command<'_, (ApiToken, TokenSecret)>,
        new: NewApiToken,
    ) -> Result<(ApiToken, TokenSecret), AuthError> {
        let new = &new;
        let created = self.runner.run(&command, "api_token.create", "api_tokens", |run| async move {
            run.principal().require_session()?;
            let user_id = run.principal().require_user()?;
            if run.principal().require(new.role).is_err() {
                return Err(AuthRule::RoleTooHigh.into());
            }
            if new.lifetime_days == 0 || new.lifetime_days > API_TOKEN_LIFETIME_DAYS_MAX {
                return Err(AuthRule::LifetimeTooLong.into());
            }
            // Several replicas may each create one at the same moment: the limit keeps growth in bounds.
            let _lock = self.runner.lock(user_id).await;
            run.commit(|now| async move {
                let first = PageRequest::Numbered { page: 1, size: PageSize::DEFAULT };
                let existing = self.ports.api_tokens.list(user_id, first).await?.total;
                if existing.is_some_and(|existing| existing >= API_TOKENS_PER_USER_MAX) {
                    return Err(AuthRule::TooManyApiTokens.into());
                }
                let random = self.ports.secrets.secret().map_err(AuthRule::from)?;
                let secret = TokenSecret::new(SecretKind::ApiToken, &random);
                let token = ApiToken {
                    id: self.runner.new_id(),
                    user_id,
                    name: new.name.clone(),
                    role: new.role,
                    hash: secret.hash(),
                    created_at: now,
                    expires_at: now + TimeDelta::days(new.lifetime_days.into()),
                    last_used_at: None,
                    revoked_at: None,
                };
                let event = api_token_created(&token, self.runner.ids());
                let changes = ChangeSet::new().insert(token.clone()).insert(event);
                Ok(Decision::done(target(token.id), changes, (token, secret)))
            })
            .await
        });
        created.await
    }

    /// Returns a page of a user's API tokens that are not revoked, the newest first: one's own, or any user's for an
    /// administrator.
    pub async fn api_tokens(
        &self,
        caller: &Principal,
        of: UserId,
        page: PageRequest<ApiTokenId>,
    ) -> Result<Page<ApiToken>, QueryError> {
        self.require_access_to(caller, of).await?;
        Ok(self.ports.api_tokens.list(of, page).await?)
    }

    /// Ends an API token: one's own, or any user's for an administrator.
    pub async fn revoke_api_token(
        &self,
        command: Command<'_, ()>,
        of: UserId,
        id: ApiTokenId,
    ) -> Result<(), AuthError> {
        let revoked = self.runner.execute(&command, "api_token.revoke", target(id), |caller, now| async move {
            caller.require_own_or_admin(of)?;
            if caller.user_id() == Some(of) {
                caller.require_session()?;
            }
            let found = self.ports.api_tokens.find(id).await?;
            let is_theirs = |token: &ApiToken| token.user_id == of && token.revoked_at.is_none();
            found.filter(is_theirs).ok_or(QueryError::NotFound(ApiToken::KIND))?;
            let selection = ApiTokenSelection::One(id);
            let event = api_tokens_revoked(&selection, now, self.runner.ids());
            let changes = ChangeSet::new().revoke_api_tokens(selection, now).insert(event);
            Ok(Decision::done(target(id), changes, ()))
        });
        revoked.await.inspect(|()| self.callers.clear())
    }
}
