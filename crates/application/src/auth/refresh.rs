//! Renewing an access token.

use incident_domain::{
    Actor, Change, ChangeSet, Origin, Refresh, RefreshToken, RefreshTokenId, Revocation, RevocationReason, SecretKind,
    Session, SessionSelection, Spending, Timestamp, TokenHash, TokenSecret, ports::TokenError,
};

use super::{Auth, AuthError, Device, REFRESH_GRACE, SignedIn, sign_in::is_stale};
use crate::{audit, command::COMMIT_ATTEMPTS_MAX, published};

impl Auth {
    /// Spends a refresh token for a new pair of tokens. A token that was spent before ends its session, unless
    /// [`Refresh::decide`] finds that it is an honest client that lost the answer.
    pub async fn refresh(&self, token: &str, device: Device) -> Result<SignedIn, AuthError> {
        let hash = TokenSecret::parse(SecretKind::RefreshToken, token)?.hash();
        self.admit_lookup(device.ip.as_deref()).await?;
        let session_id = self.shown(&hash).await?.session_id;
        let _turn = self.queues.line_up(session_id).await;
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let shown = self.shown(&hash).await?;
            let now = self.ports.clock.now();
            let (session, user) = self.ports.sessions.find(session_id).await?.ok_or(AuthError::SessionEnded)?;
            if !self.lets_in(&session, &user, now) {
                return Err(AuthError::SessionEnded);
            }
            let origin = device.origin(Some(session_id));
            let Refresh::Rotate { spend, spending, predecessor } = self.decide(&shown, now).await? else {
                self.end_reused(&session, origin, now).await?;
                return Err(AuthError::RefreshTokenReused);
            };
            if let Some(signed_in) = self.rotate(&session, origin, (spend, spending), predecessor, now).await? {
                return Ok(signed_in);
            }
        }
        Err(AuthError::Contended)
    }

    async fn shown(&self, hash: &TokenHash) -> Result<RefreshToken, AuthError> {
        Ok(self.ports.refresh_tokens.find_by_hash(hash).await?.ok_or(TokenError::Invalid)?)
    }

    async fn decide(&self, shown: &RefreshToken, now: Timestamp) -> Result<Refresh, AuthError> {
        let used = match (shown.spent, shown.predecessor_id) {
            (None, _) => return Ok(Refresh::decide(shown, None, &[], now, REFRESH_GRACE)),
            (Some((Spending::Superseded, _)), Some(predecessor)) => self.ports.refresh_tokens.find(predecessor).await?,
            (Some(_), _) => Some(shown.clone()),
        };
        let successors = match &used {
            Some(used) => self.ports.refresh_tokens.successors(used.id).await?,
            None => Vec::new(),
        };
        Ok(Refresh::decide(shown, used.as_ref(), &successors, now, REFRESH_GRACE))
    }

    /// Replaces a token by a successor; `None` when somebody else was faster.
    async fn rotate(
        &self,
        session: &Session,
        origin: Origin,
        (spend, spending): (RefreshTokenId, Spending),
        predecessor: RefreshTokenId,
        now: Timestamp,
    ) -> Result<Option<SignedIn>, AuthError> {
        let ids = &*self.ports.ids;
        let (refresh_token, successor) = self.new_refresh_token(session.id, Some(predecessor))?;
        let (access_token, expires_in) = self.access_token(session, now)?;
        let target = format!("session:{}", session.id);
        let action = audit::record(Actor::User(session.user_id), origin, "auth.refresh", target, now, ids);
        let changes = ChangeSet::new()
            .spend_refresh_token(spend, spending, now)
            .insert(successor)
            .with(Change::TouchSession { id: session.id, seen_at: now })
            .insert(action)
            .insert_all([published::of_refresh(session, now, ids)]);
        match self.ports.store.commit(changes).await {
            Ok(()) => Ok(Some(SignedIn { access_token, refresh_token, expires_in })),
            Err(error) if is_stale(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Somebody has a copy of a refresh token, and nobody knows who is honest: the session ends for both.
    async fn end_reused(&self, session: &Session, origin: Origin, now: Timestamp) -> Result<(), AuthError> {
        let ids = &*self.ports.ids;
        let selection = SessionSelection::One(session.id);
        let revocation = Revocation { at: now, because: RevocationReason::RefreshTokenReused };
        let target = format!("session:{}", session.id);
        let action = audit::record(Actor::System, origin, "session.revoke", target, now, ids);
        let changes = ChangeSet::new()
            .revoke_sessions(selection, revocation)
            .insert(action)
            .insert_all([published::of_sessions_revoked(&selection, &revocation, ids)]);
        self.ports.store.commit(changes).await?;
        self.recognised.forget();
        tracing::warn!(session.id = %session.id, user.id = %session.user_id, "a refresh token was used twice; its session was ended");
        Ok(())
    }
}
