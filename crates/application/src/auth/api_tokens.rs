//! API tokens: letting machines in.

use chrono::TimeDelta;
use incident_domain::{
    ApiToken, ApiTokenId, ApiTokenSelection, ChangeSet, Label, Page, PageRequest, PageSize, Role, SecretKind,
    TokenSecret, UserId,
};

use super::{Auth, AuthError};
use crate::{Caller, Command, audit, published};

/// The most days that an API token lasts.
pub const API_TOKEN_LIFETIME_DAYS_MAX: u32 = 366;

/// The most API tokens that a user has at a time.
pub const API_TOKENS_PER_USER_MAX: u64 = 100;

/// An API token to be made.
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
    /// Makes an API token for the caller; its secret is shown this once.
    pub async fn create_api_token(
        &self,
        command: Command<'_, (ApiToken, TokenSecret)>,
        new: NewApiToken,
    ) -> Result<(ApiToken, TokenSecret), AuthError> {
        let work = self.create_api_token_for(&command, new);
        self.audit().attempt(&command, "api_token.create", "api_tokens", work).await
    }

    async fn create_api_token_for(
        &self,
        command: &Command<'_, (ApiToken, TokenSecret)>,
        new: NewApiToken,
    ) -> Result<(ApiToken, TokenSecret), AuthError> {
        let caller = command.caller();
        caller.require_session()?;
        if new.role > caller.role {
            return Err(AuthError::RoleTooHigh);
        }
        if new.lifetime_days == 0 || new.lifetime_days > API_TOKEN_LIFETIME_DAYS_MAX {
            return Err(AuthError::LifetimeTooLong);
        }
        // Those who are made at the same moment by different replicas may all pass: it is a limit of growth.
        let _turn = self.queues.line_up(caller.user_id).await;
        let first = PageRequest::Numbered { page: 1, size: PageSize::DEFAULT };
        let existing = self.ports.api_tokens.list(caller.user_id, first).await?.total;
        if existing.is_some_and(|existing| existing >= API_TOKENS_PER_USER_MAX) {
            return Err(AuthError::TooManyApiTokens);
        }
        let (now, ids) = (self.ports.clock.now(), &*self.ports.ids);
        let secret = TokenSecret::new(SecretKind::ApiToken, &self.ports.secrets.secret()?);
        let token = ApiToken {
            id: ApiTokenId::new(ids.next_id()),
            user_id: caller.user_id,
            name: new.name,
            role: new.role,
            hash: secret.hash(),
            created_at: now,
            expires_at: now + TimeDelta::days(new.lifetime_days.into()),
            last_used_at: None,
            revoked_at: None,
        };
        let target = format!("api_token:{}", token.id);
        let changes = ChangeSet::new()
            .insert(token.clone())
            .insert(audit::of_caller(caller, "api_token.create", target, now, ids))
            .insert_all([published::of_api_token(&token, ids)]);
        let made = (token, secret);
        self.commit(command.with_reply(changes, &made)?).await?;
        Ok(made)
    }

    /// A page of somebody's API tokens that are not revoked, the newest first: one's own, or anybody's for an
    /// administrator.
    pub async fn api_tokens(
        &self,
        caller: &Caller,
        of: UserId,
        page: PageRequest<ApiTokenId>,
    ) -> Result<Page<ApiToken>, AuthError> {
        caller.require_own_or_admin(of)?;
        self.require_user(caller, of).await?;
        Ok(self.ports.api_tokens.list(of, page).await?)
    }

    /// Ends an API token of somebody: one's own, or anybody's for an administrator.
    pub async fn revoke_api_token(
        &self,
        command: Command<'_, ()>,
        of: UserId,
        id: ApiTokenId,
    ) -> Result<(), AuthError> {
        const KIND: &str = "api_token.revoke";
        let target = format!("api_token:{id}");
        let work = async {
            let caller = command.caller();
            caller.require_own_or_admin(of)?;
            if caller.user_id == of {
                caller.require_session()?;
            }
            let found = self.ports.api_tokens.find(id).await?;
            let is_theirs = |token: &ApiToken| token.user_id == of && token.revoked_at.is_none();
            found.filter(is_theirs).ok_or(AuthError::NotFound)?;
            let (now, ids) = (self.ports.clock.now(), &*self.ports.ids);
            let selection = ApiTokenSelection::One(id);
            let changes = ChangeSet::new()
                .revoke_api_tokens(selection, now)
                .insert(audit::of_caller(caller, KIND, &target, now, ids))
                .insert_all([published::of_api_tokens_revoked(&selection, now, ids)]);
            self.commit(command.with_reply(changes, &())?).await
        };
        self.audit().attempt(&command, KIND, &target, work).await
    }
}
