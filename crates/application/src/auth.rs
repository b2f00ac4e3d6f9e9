//! Signing in, and recognising who has.

use std::{sync::Arc, time::Duration};

use incident_domain::{
    Action, ActionId, Actor, ChangeSet, Email, Origin, Session, SessionId, User,
    ports::{
        AccessClaims, Clock, CommitError, IdGenerator, PasswordHasher, PasswordHasherError, SessionRepository, Store,
        StoreError, TokenError, TokenIssuer, UserRepository,
    },
};
use thiserror::Error;

use crate::Caller;

/// What signing in needs from the world.
#[derive(Clone)]
pub struct AuthPorts {
    /// Writes sessions.
    pub store: Arc<dyn Store>,
    /// Reads users.
    pub users: Arc<dyn UserRepository>,
    /// Reads sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Checks passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Makes and checks access tokens.
    pub tokens: Arc<dyn TokenIssuer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn IdGenerator>,
}

/// Signs users in and recognises them.
pub struct Auth {
    ports: AuthPorts,
    token_lifetime: Duration,
    session_lifetime: Duration,
}

/// Where somebody signs in from.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// What the device calls itself.
    pub user_agent: Option<String>,
    /// Its address.
    pub ip: Option<String>,
    /// The request that asked.
    pub request_id: Option<String>,
}

/// A successful sign-in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The access token; secret.
    pub access_token: String,
    /// How long it is good for.
    pub expires_in: Duration,
}

/// Why somebody is not let in.
#[derive(Debug, Error)]
pub enum AuthError {
    /// The address is unknown, the password is wrong, or the account is inactive: which of them is
    /// nobody's business.
    #[error("the email or the password is wrong")]
    WrongCredentials,
    /// The access token is no good.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token is good, but its session has ended or its user is no longer active.
    #[error("the session has ended")]
    SessionEnded,
    /// Passwords cannot be checked at the moment.
    #[error(transparent)]
    Hasher(#[from] PasswordHasherError),
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The store contradicts what was just read; it does not happen in ordinary running.
    #[error("the session could not be stored")]
    NotStored(#[source] CommitError),
}

impl From<CommitError> for AuthError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            conflict @ CommitError::Conflict(_) => Self::NotStored(conflict),
        }
    }
}

impl Auth {
    /// A service whose access tokens and sessions live this long.
    pub const fn new(ports: AuthPorts, token_lifetime: Duration, session_lifetime: Duration) -> Self {
        Self { ports, token_lifetime, session_lifetime }
    }

    /// Opens a session for whoever knows the password.
    pub async fn sign_in(&self, email: &Email, password: String, device: Device) -> Result<SignedIn, AuthError> {
        let found = self.ports.users.find_by_emails(std::slice::from_ref(email)).await?;
        let user = found.into_iter().next();
        // The hash is checked for unknown and inactive users too, so that the time tells nothing.
        let hash = user.as_ref().and_then(|user| user.password_hash.clone());
        let right = self.ports.hasher.verify(password, hash).await?;
        let user = user.filter(|user| right && user.is_active).ok_or(AuthError::WrongCredentials)?;

        let now = self.ports.clock.now();
        let session = Session {
            id: SessionId::new(self.ports.ids.next_id()),
            user_id: user.id,
            user_agent: device.user_agent.map(|agent| agent.chars().take(Session::USER_AGENT_CHARS_MAX).collect()),
            ip: device.ip.clone(),
            created_at: now,
            expires_at: now + self.session_lifetime,
            revoked_at: None,
        };
        let claims = AccessClaims {
            user_id: user.id,
            session_id: session.id,
            issued_at: now,
            expires_at: (now + self.token_lifetime).min(session.expires_at),
        };
        let access_token = self.ports.tokens.issue(&claims)?;
        let origin = Origin { session_id: Some(session.id), ip: device.ip, request_id: device.request_id };
        let action = Action {
            id: ActionId::new(self.ports.ids.next_id()),
            actor: Actor::User(user.id),
            kind: "auth.sign_in".to_owned(),
            target: format!("session:{}", session.id),
            origin,
            at: now,
        };
        self.ports.store.commit(ChangeSet::new().with_session(session).with_action(action)).await?;
        let expires_in = (claims.expires_at - now).to_std().unwrap_or_default();
        Ok(SignedIn { access_token, expires_in })
    }

    /// Recognises the holder of an access token. A token that is no good costs no look at the store.
    pub async fn authenticate(&self, token: &str) -> Result<Caller, AuthError> {
        let now = self.ports.clock.now();
        let claims = self.ports.tokens.check(token, now)?;
        let found = self.ports.sessions.find(claims.session_id).await?;
        let is_good = |(session, user): &(Session, User)| {
            session.user_id == claims.user_id && session.is_live(now) && user.is_active
        };
        let (_, user) = found.filter(is_good).ok_or(AuthError::SessionEnded)?;
        let origin = Origin { session_id: Some(claims.session_id), ..Origin::default() };
        Ok(Caller { user_id: user.id, role: user.role, origin })
    }

    /// The caller's own account.
    pub async fn me(&self, caller: &Caller) -> Result<User, AuthError> {
        let user = self.ports.users.find(caller.user_id).await?;
        user.filter(|user| user.is_active).ok_or(AuthError::SessionEnded)
    }
}
