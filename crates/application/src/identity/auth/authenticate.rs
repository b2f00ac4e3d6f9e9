//! Recognising who sends a request.

use std::sync::Arc;

use incident_domain::{
    identity::{AccessClaims, ApiToken, SecretKind, Session, TokenError, TokenSecret, User},
    kernel::{Origin, Timestamp},
};

use super::{
    Auth, AuthError, AuthRule,
    caller_cache::{Cached, Credential},
    last_seen::Seen,
};
use crate::kernel::Principal;

impl Auth {
    /// Recognises the holder of an access token or an API token. `ip` is where the request came from. A token that is
    /// invalid by its form, its signature or its times costs no read of the store.
    pub async fn authenticate(&self, token: &str, ip: Option<&str>) -> Result<Principal, AuthError> {
        let now = self.runner.now();
        if token.starts_with(SecretKind::ApiToken.prefix()) {
            let secret = TokenSecret::parse(SecretKind::ApiToken, token).map_err(AuthRule::from)?;
            return self.authenticate_api_token(&secret, ip, now).await;
        }
        let claims = self.ports.tokens.check(token, now).map_err(AuthRule::from)?;
        self.authenticate_session(&claims, now).await
    }

    async fn authenticate_session(&self, claims: &AccessClaims, now: Timestamp) -> Result<Principal, AuthError> {
        let found = self.session(claims, now).await?.ok_or(AuthError::CallerGone)?;
        let (session, user) = &*found;
        if session.user_id != claims.user_id || !self.is_valid(session, user, now) {
            return Err(AuthError::CallerGone);
        }
        let origin = Origin { session_id: Some(session.id), ..Origin::default() };
        Ok(Principal::user(user.id, user.role, origin))
    }

    async fn session(&self, claims: &AccessClaims, now: Timestamp) -> Result<Option<Arc<(Session, User)>>, AuthError> {
        let credential = Credential::Session(claims.session_id);
        if let Some(Cached::Session(found)) = self.callers.get(&credential, now) {
            return Ok(Some(found));
        }
        let reading = self.callers.begin_reading(now);
        let Some(found) = self.ports.sessions.find_with_user(claims.session_id).await? else { return Ok(None) };
        let found = Arc::new(found);
        let (session, user) = &*found;
        if self.is_valid(session, user, now) {
            self.last_seen.note(Seen::Session(session.id), Some(session.last_seen_at), now);
        }
        self.callers.insert(credential, Cached::Session(found.clone()), reading);
        Ok(Some(found))
    }

    async fn authenticate_api_token(
        &self,
        secret: &TokenSecret,
        ip: Option<&str>,
        now: Timestamp,
    ) -> Result<Principal, AuthError> {
        let credential = Credential::ApiToken(secret.hash());
        let found = match self.callers.get(&credential, now) {
            Some(Cached::ApiToken(found)) => found,
            Some(Cached::Session(_)) | None => self.api_token(credential, secret, ip, now).await?,
        };
        let (token, user) = &*found;
        if !token.is_live(now) || !user.is_active {
            return Err(AuthRule::ApiTokenEnded.into());
        }
        let origin = Origin { api_token_id: Some(token.id), ..Origin::default() };
        Ok(Principal::user(user.id, token.effective_role(user.role), origin))
    }

    async fn api_token(
        &self,
        credential: Credential,
        secret: &TokenSecret,
        ip: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<(ApiToken, User)>, AuthError> {
        // A client that guesses tokens is slowed down before the store is read.
        self.admit_lookup(ip).await?;
        let reading = self.callers.begin_reading(now);
        let found = self.ports.api_tokens.find_by_hash(&secret.hash()).await?;
        let found = Arc::new(found.ok_or(AuthRule::Token(TokenError::Invalid))?);
        let (token, user) = &*found;
        if token.is_live(now) && user.is_active {
            self.last_seen.note(Seen::ApiToken(token.id), token.last_used_at, now);
        }
        self.callers.insert(credential, Cached::ApiToken(found.clone()), reading);
        Ok(found)
    }

    /// Returns the caller's own account, as it was read when they were recognised, or from the store.
    pub async fn me(&self, caller: &Principal) -> Result<User, AuthError> {
        if let Some(session_id) = caller.origin.session_id
            && let Some(Cached::Session(found)) = self.callers.get(&Credential::Session(session_id), self.runner.now())
        {
            return Ok(found.1.clone());
        }
        self.me_now(caller).await
    }
}
