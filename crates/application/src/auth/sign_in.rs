//! Opening a session.

use incident_domain::{
    Actor, ChangeSet, Email, Password, RefreshToken, RefreshTokenId, SecretKind, Session, SessionId, TokenSecret, User,
    UserPatch,
    ports::{CommitError, Conflict, PasswordHasherError, Reference},
};

use super::{Auth, AuthError, Device, SignedIn, delta};
use crate::{
    audit::{self, Refusal},
    command::COMMIT_ATTEMPTS_MAX,
    published,
};

const SIGN_IN: &str = "auth.sign_in";

impl Auth {
    /// Opens a session for whoever knows the password.
    pub async fn sign_in(&self, email: &Email, password: String, device: Device) -> Result<SignedIn, AuthError> {
        self.admit_password(email, device.ip.as_deref()).await?;
        let user = self.user_with(email).await?;
        // The hash is checked for unknown and inactive users too, so that the time tells nothing.
        let hash = user.as_ref().and_then(|user| user.password_hash.clone());
        // Nothing is kept of the password but what is still needed.
        let is_outdated = hash.as_ref().is_some_and(|hash| self.ports.hasher.is_outdated(hash));
        let to_rehash = is_outdated.then(|| password.clone());
        let is_right = self.ports.hasher.verify(password, hash.clone()).await?;
        let Some(mut user) = user.clone().filter(|user| is_right && user.is_active) else {
            return self.refuse_sign_in(email, user.as_ref(), &device).await;
        };
        let mut rehashed = match to_rehash {
            Some(password) => self.rehashed(&user, password).await,
            None => None,
        };
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            match self.open_session(&user, rehashed.as_ref(), &device).await {
                Err(AuthError::NotStored(Conflict::Stale | Conflict::Missing(User::KIND))) => {}
                answered => return answered,
            }
            // The account changed while its password was checked. Unless that was what was proved, go on.
            let current = self.user_with(email).await?;
            let unchanged = current.filter(|current| current.is_active && current.password_hash == hash);
            let Some(unchanged) = unchanged else {
                return self.refuse_sign_in(email, Some(&user), &device).await;
            };
            user = unchanged;
            rehashed = None;
        }
        Err(AuthError::Contended)
    }

    /// Writes down that somebody was not let in, in the same way whether the account exists or not, so that the
    /// time tells nothing.
    async fn refuse_sign_in(
        &self,
        email: &Email,
        account: Option<&User>,
        device: &Device,
    ) -> Result<SignedIn, AuthError> {
        let (actor, target) = match account {
            Some(user) => (Actor::User(user.id), format!("user:{}", user.id)),
            None => (Actor::Anonymous, format!("email:{email}")),
        };
        let (now, ids) = (self.ports.clock.now(), &*self.ports.ids);
        let action = audit::record(actor, device.origin(None), SIGN_IN, target, now, ids);
        let refusal = AuthError::WrongCredentials;
        self.audit().refused(action, refusal.code().unwrap_or_default()).await?;
        Err(refusal)
    }

    async fn user_with(&self, email: &Email) -> Result<Option<User>, AuthError> {
        Ok(self.ports.users.find_by_emails(std::slice::from_ref(email)).await?.into_iter().next())
    }

    /// The account with its password hashed anew, whose hash is of a time when less work was enough. That can
    /// wait for another sign-in when there is too much to do.
    async fn rehashed(&self, user: &User, password: String) -> Option<User> {
        // Passwords from before today's rules keep their old hash until they are changed.
        let password = Password::parse(password).ok()?;
        match self.ports.hasher.hash(password).await {
            Ok(hash) => {
                let patch = UserPatch { password_hash: Some(hash), ..UserPatch::default() };
                Some(user.patched(&patch, self.ports.clock.now()))
            }
            Err(PasswordHasherError::Busy { .. }) => None,
            Err(error @ PasswordHasherError::Failed(_)) => {
                tracing::warn!(error = %error, "a password was not hashed anew");
                None
            }
        }
    }

    async fn open_session(&self, user: &User, rehashed: Option<&User>, device: &Device) -> Result<SignedIn, AuthError> {
        let (now, ids) = (self.ports.clock.now(), &*self.ports.ids);
        let user_agent = device.user_agent.as_ref();
        let session = Session {
            id: SessionId::new(ids.next_id()),
            user_id: user.id,
            user_agent: user_agent.map(|agent| agent.chars().take(Session::USER_AGENT_CHARS_MAX).collect()),
            ip: device.ip.clone(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + delta(self.settings.session_lifetime),
            revocation: None,
        };
        let (access_token, expires_in) = self.access_token(&session, now)?;
        let (refresh_token, stored_token) = self.new_refresh_token(session.id, None)?;
        let target = format!("session:{}", session.id);
        let origin = device.origin(Some(session.id));
        let action = audit::record(Actor::User(user.id), origin, SIGN_IN, target, now, ids);
        let event = published::of_session(&session, ids);
        // Whoever ends the sessions of an account because its password has changed must not miss this one.
        let changes = match rehashed {
            Some(rehashed) => ChangeSet::new().update(rehashed.clone(), user.version),
            None => ChangeSet::new().expect(user),
        };
        let changes = changes.insert(session).insert(stored_token);
        self.ports.store.commit(changes.insert(action).insert_all([event])).await?;
        Ok(SignedIn { access_token, refresh_token, expires_in })
    }

    /// A new refresh token: the secret for its holder, and what is stored of it.
    pub(super) fn new_refresh_token(
        &self,
        session_id: SessionId,
        predecessor_id: Option<RefreshTokenId>,
    ) -> Result<(TokenSecret, RefreshToken), AuthError> {
        let secret = TokenSecret::new(SecretKind::RefreshToken, &self.ports.secrets.secret()?);
        let token = RefreshToken {
            id: RefreshTokenId::new(self.ports.ids.next_id()),
            session_id,
            predecessor_id,
            hash: secret.hash(),
            created_at: self.ports.clock.now(),
            spent: None,
        };
        Ok((secret, token))
    }
}

/// Whether a change set was refused because somebody else was faster.
pub(super) const fn is_stale(error: &CommitError) -> bool {
    matches!(error, CommitError::Conflict(Conflict::Stale | Conflict::Missing(_)))
}
