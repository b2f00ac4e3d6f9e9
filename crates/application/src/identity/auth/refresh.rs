//! Renewing an access token.

use chrono::TimeDelta;
use incident_domain::{
    identity::{
        Refresh, RefreshToken, RefreshTokenId, Revocation, RevocationReason, SecretKind, Session, SessionSelection,
        Spending, TokenError, TokenHash, TokenSecret,
    },
    kernel::{Actor, Origin, SessionId, Timestamp},
    write::{Change, ChangeSet},
};

use super::{Auth, AuthError, AuthRule, Device, SignedIn};
use crate::{
    identity::published::{session_refreshed, sessions_revoked},
    kernel::{Decision, action, target},
};

/// How long after its use a client that lost the answer may send a refresh token again.
const GRACE: TimeDelta = TimeDelta::seconds(30);

impl Auth {
    /// Spends a refresh token for a new pair of tokens. A token that was spent before ends its session, unless
    /// [`Refresh::decide`] finds that an honest client lost the answer.
    pub async fn refresh(&self, token: &str, device: Device) -> Result<SignedIn, AuthError> {
        let hash = &TokenSecret::parse(SecretKind::RefreshToken, token).map_err(AuthRule::from)?.hash();
        self.admit_lookup(device.ip.as_deref()).await?;
        let session_id = self.sent_token(hash).await?.session_id;
        let _lock = self.runner.lock(session_id).await;
        let origin = &device.origin(Some(session_id));
        self.runner.commit(|now| self.refreshed(hash, session_id, origin, now)).await
    }

    async fn refreshed(
        &self,
        hash: &TokenHash,
        session_id: SessionId,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Decision<SignedIn>, AuthError> {
        let sent = self.sent_token(hash).await?;
        let (session, user) = self.ports.sessions.find_with_user(session_id).await?.ok_or(AuthError::CallerGone)?;
        if !self.is_valid(&session, &user, now) {
            return Err(AuthError::CallerGone);
        }
        let Refresh::Rotate { spend, spending, predecessor } = self.decide(&sent, now).await? else {
            self.end_reused(&session, origin, now).await?;
            return Err(AuthRule::RefreshTokenReused.into());
        };
        let (refresh_token, successor) = self.new_refresh_token(session.id, Some(predecessor))?;
        let (access_token, expires_in) = self.access_token(&session, now)?;
        let ids = self.runner.ids();
        let by = Actor::User(session.user_id);
        let changes = ChangeSet::new()
            .spend_refresh_token(spend, spending, now)
            .insert(successor)
            .with(Change::TouchSession { id: session.id, seen_at: now })
            .insert(action(by, origin.clone(), "auth.refresh", target(session.id), now, ids))
            .insert(session_refreshed(&session, now, ids));
        Ok(Decision::audited(changes, SignedIn { access_token, refresh_token, expires_in }))
    }

    async fn sent_token(&self, hash: &TokenHash) -> Result<RefreshToken, AuthError> {
        let token = self.ports.refresh_tokens.find_by_hash(hash).await?;
        Ok(token.ok_or(AuthRule::Token(TokenError::Invalid))?)
    }

    async fn decide(&self, sent: &RefreshToken, now: Timestamp) -> Result<Refresh, AuthError> {
        let used = match (sent.spent, sent.predecessor_id) {
            (None, _) => return Ok(Refresh::decide(sent, None, &[], now, GRACE)),
            (Some((Spending::Superseded, _)), Some(predecessor)) => self.ports.refresh_tokens.find(predecessor).await?,
            (Some(_), _) => Some(sent.clone()),
        };
        let successors = match &used {
            Some(used) => self.ports.refresh_tokens.successors(used.id).await?,
            None => Vec::new(),
        };
        Ok(Refresh::decide(sent, used.as_ref(), &successors, now, GRACE))
    }

    /// Makes a refresh token: the secret for its holder, and what is stored of it.
    pub(super) fn new_refresh_token(
        &self,
        session_id: SessionId,
        predecessor_id: Option<RefreshTokenId>,
    ) -> Result<(TokenSecret, RefreshToken), AuthRule> {
        let secret = TokenSecret::new(SecretKind::RefreshToken, &self.ports.secrets.secret()?);
        let token = RefreshToken {
            id: self.runner.new_id(),
            session_id,
            predecessor_id,
            hash: secret.hash(),
            created_at: self.runner.now(),
            spent: None,
        };
        Ok((secret, token))
    }

    /// Ends a session whose refresh token was used twice: it is not known which holder is honest.
    async fn end_reused(&self, session: &Session, origin: &Origin, at: Timestamp) -> Result<(), AuthError> {
        let ids = self.runner.ids();
        let selection = SessionSelection::One(session.id);
        let revocation = Revocation { at, because: RevocationReason::RefreshTokenReused };
        let changes = || {
            ChangeSet::new()
                .revoke_sessions(selection, revocation)
                .insert(action(Actor::System, origin.clone(), "session.revoke", target(session.id), at, ids))
                .insert(sessions_revoked(&selection, &revocation, ids))
        };
        self.runner.commit(|_| async { Ok::<_, AuthError>(Decision::audited(changes(), ())) }).await?;
        self.callers.clear();
        tracing::warn!(session.id = %session.id, user.id = %session.user_id, "a refresh token was used twice; ended its session");
        Ok(())
    }
}
