//! Opening a session.

use incident_domain::{
    identity::{Email, Password, PasswordHasherError, Session, User, UserPatch},
    kernel::{Actor, Timestamp},
    write::ChangeSet,
};

use super::{Auth, AuthError, AuthRule, Device, SignedIn, service::delta};
use crate::{
    identity::published::session_opened,
    kernel::{Decision, action, target},
};

const SIGN_IN: &str = "auth.sign_in";

impl Auth {
    /// Opens a session for a user whose password is given.
    pub async fn sign_in(&self, email: &Email, password: String, device: Device) -> Result<SignedIn, AuthError> {
        self.admit_password(email, device.ip.as_deref()).await?;
        let user = self.user_with(email).await?;
        // A password is also verified for unknown and inactive users, so that the time does not tell them apart.
        let hash = &user.as_ref().and_then(|user| user.password_hash.clone());
        let is_outdated = hash.as_ref().is_some_and(|hash| self.ports.hasher.is_outdated(hash));
        // Of the password no copy is kept but the one that is needed.
        let to_rehash = is_outdated.then(|| password.clone());
        let is_right = self.ports.hasher.verify(password, hash.clone()).await.map_err(AuthRule::from)?;
        let Some(verified) = user.clone().filter(|user| is_right && user.is_active) else {
            return self.refuse_sign_in(email, user.as_ref(), &device).await;
        };
        let rehashed = match to_rehash {
            Some(password) => self.rehashed(&verified, password).await,
            None => None,
        };
        let (mut first, from) = (Some((verified, rehashed)), &device);
        let signed_in = self.runner.commit(|now| {
            let first = first.take();
            async move {
                let (user, rehashed) = if let Some(first) = first {
                    first
                } else {
                    // The account has changed since it was read. Its password must be the one that was verified.
                    let user = self.user_with(email).await?;
                    let user = user.filter(|user| user.is_active && user.password_hash == *hash);
                    (user.ok_or(AuthRule::WrongCredentials)?, None)
                };
                self.session_opened(&user, rehashed, from, now)
            }
        });
        match signed_in.await {
            Err(AuthError::Rule(AuthRule::WrongCredentials)) => self.refuse_sign_in(email, user.as_ref(), from).await,
            signed_in => signed_in,
        }
    }

    /// Stores a refused sign-in in the audit, in the same way whether the account exists or not, so that the time does
    /// not tell them apart.
    async fn refuse_sign_in(&self, email: &Email, user: Option<&User>, device: &Device) -> Result<SignedIn, AuthError> {
        let (actor, target) = match user {
            Some(user) => (Actor::User(user.id), target(user.id)),
            None => (Actor::Anonymous, format!("email:{email}")),
        };
        let action = action(actor, device.origin(None), SIGN_IN, target, self.runner.now(), self.runner.ids());
        let refusal = AuthError::from(AuthRule::WrongCredentials);
        self.runner.refuse(action, refusal.code().unwrap_or_default()).await?;
        Err(refusal)
    }

    async fn user_with(&self, email: &Email) -> Result<Option<User>, AuthError> {
        Ok(self.ports.users.find_by_emails(std::slice::from_ref(email)).await?.into_iter().next())
    }

    /// Hashes the password of a user again whose hash took less work than those made now. `None` if there is too much
    /// to do: another sign-in will do it.
    async fn rehashed(&self, user: &User, password: String) -> Option<User> {
        // A password that today's rules refuse keeps its old hash until it is changed.
        let password = Password::parse(password).ok()?;
        match self.ports.hasher.hash(password).await {
            Ok(hash) => {
                let patch = UserPatch { password_hash: Some(hash), ..UserPatch::default() };
                Some(user.patched(&patch, self.runner.now()))
            }
            Err(PasswordHasherError::Busy { .. }) => None,
            Err(error @ PasswordHasherError::Failed(_)) => {
                tracing::warn!(error = %error, "an outdated password hash was not renewed");
                None
            }
        }
    }

    fn session_opened(
        &self,
        user: &User,
        rehashed: Option<User>,
        device: &Device,
        now: Timestamp,
    ) -> Result<Decision<SignedIn>, AuthError> {
        let ids = self.runner.ids();
        let user_agent = device.user_agent.as_ref();
        let session = Session {
            id: self.runner.new_id(),
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
        let origin = device.origin(Some(session.id));
        let action = action(Actor::User(user.id), origin, SIGN_IN, target(session.id), now, ids);
        let event = session_opened(&session, ids);
        // A change of the password that ends all sessions of the account must not miss this one.
        let changes = match rehashed {
            Some(rehashed) => ChangeSet::new().update(rehashed, user.version),
            None => ChangeSet::new().expect(user),
        };
        let changes = changes.insert(session).insert(stored_token).insert(action).insert(event);
        Ok(Decision::audited(changes, SignedIn { access_token, refresh_token, expires_in }))
    }
}
