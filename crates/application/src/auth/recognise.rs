//! Recognising who sends a request.

use std::sync::Arc;

use incident_domain::{
    ApiToken, Origin, SecretKind, Session, Timestamp, TokenSecret, User,
    ports::{AccessClaims, TokenError},
};

use super::{
    Auth, AuthError,
    recognised::{Credential, Grant},
    seen::Seen,
};
use crate::Caller;

impl Auth {
    /// Recognises the holder of an access token or an API token. `ip` is where the request came from. A token
    /// that is no good by its form, its signature or its times costs no look at the store.
    pub async fn authenticate(&self, token: &str, ip: Option<&str>) -> Result<Caller, AuthError> {
        let now = self.ports.clock.now();
        if token.starts_with(SecretKind::ApiToken.prefix()) {
            let secret = TokenSecret::parse(SecretKind::ApiToken, token)?;
            return self.authenticate_machine(&secret, ip, now).await;
        }
        let claims = self.ports.tokens.check(token, now)?;
        self.authenticate_session(&claims, now).await
    }

    async fn authenticate_session(&self, claims: &AccessClaims, now: Timestamp) -> Result<Caller, AuthError> {
        let found = self.session(claims, now).await?.ok_or(AuthError::SessionEnded)?;
        let (session, user) = &*found;
        if session.user_id != claims.user_id || !self.lets_in(session, user, now) {
            return Err(AuthError::SessionEnded);
        }
        let origin = Origin { session_id: Some(session.id), ..Origin::default() };
        Ok(Caller { user_id: user.id, role: user.role, origin })
    }

    async fn session(&self, claims: &AccessClaims, now: Timestamp) -> Result<Option<Arc<(Session, User)>>, AuthError> {
        let credential = Credential::Session(claims.session_id);
        if let Some(Grant::Session(found)) = self.recognised.get(&credential, now) {
            return Ok(Some(found));
        }
        let reading = self.recognised.begin_reading(now);
        let Some(found) = self.ports.sessions.find(claims.session_id).await? else { return Ok(None) };
        let found = Arc::new(found);
        let (session, user) = &*found;
        if self.lets_in(session, user, now) {
            self.seen.note(Seen::Session(session.id), Some(session.last_seen_at), now);
        }
        self.recognised.remember(credential, Grant::Session(found.clone()), reading);
        Ok(Some(found))
    }

    async fn authenticate_machine(
        &self,
        secret: &TokenSecret,
        ip: Option<&str>,
        now: Timestamp,
    ) -> Result<Caller, AuthError> {
        let credential = Credential::ApiToken(secret.hash());
        let found = match self.recognised.get(&credential, now) {
            Some(Grant::ApiToken(found)) => found,
            Some(Grant::Session(_)) | None => self.api_token(credential, secret, ip, now).await?,
        };
        let (token, user) = &*found;
        if !token.is_live(now) || !user.is_active {
            return Err(AuthError::ApiTokenEnded);
        }
        let origin = Origin { api_token_id: Some(token.id), ..Origin::default() };
        Ok(Caller { user_id: user.id, role: token.effective_role(user.role), origin })
    }

    async fn api_token(
        &self,
        credential: Credential,
        secret: &TokenSecret,
        ip: Option<&str>,
        now: Timestamp,
    ) -> Result<Arc<(ApiToken, User)>, AuthError> {
        // Who tries texts until one is a token is slowed down before the store is asked.
        self.admit_lookup(ip).await?;
        let reading = self.recognised.begin_reading(now);
        let found = self.ports.api_tokens.find_by_hash(&secret.hash()).await?;
        let found = Arc::new(found.ok_or(TokenError::Invalid)?);
        let (token, user) = &*found;
        if token.is_live(now) && user.is_active {
            self.seen.note(Seen::ApiToken(token.id), token.last_used_at, now);
        }
        self.recognised.remember(credential, Grant::ApiToken(found.clone()), reading);
        Ok(found)
    }

    /// The caller's own account: what they were recognised by, or read anew.
    pub async fn me(&self, caller: &Caller) -> Result<User, AuthError> {
        if let Some(session_id) = caller.origin.session_id
            && let Some(Grant::Session(found)) =
                self.recognised.get(&Credential::Session(session_id), self.ports.clock.now())
        {
            return Ok(found.1.clone());
        }
        let user = self.ports.users.find(caller.user_id).await?;
        user.filter(|user| user.is_active).ok_or(AuthError::SessionEnded)
    }
}
