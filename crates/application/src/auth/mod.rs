//! Signing in, staying signed in, and being recognised.

mod api_tokens;
mod error;
mod password;
mod recognise;
mod recognised;
mod refresh;
mod seen;
mod sessions;
mod sign_in;
mod throttle;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use incident_domain::{
    ChangeSet, Origin, Session, SessionId, SessionSelection, Timestamp, TokenSecret, User,
    ports::{
        AccessClaims, ApiTokenRepository, Clock, CommitError, Conflict, IdGenerator, PasswordHasher, RateLimiter,
        Reference, RefreshTokenRepository, SecretGenerator, SessionRepository, Store, TokenIssuer, UserRepository,
    },
};

pub use api_tokens::{API_TOKEN_LIFETIME_DAYS_MAX, API_TOKENS_PER_USER_MAX, NewApiToken};
pub use error::AuthError;
pub use recognised::RecognisedCallers;
pub use sessions::SessionScope;
pub use throttle::{Limited, Quotas, Throttled};

use crate::{audit::Audit, line_up::Queues};
use seen::SeenLater;

/// How long after its use a refresh token may be shown again by a client that lost the answer.
const REFRESH_GRACE: TimeDelta = TimeDelta::seconds(30);

/// What signing in needs from the world.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct AuthPorts {
    pub store: Arc<dyn Store>,
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub refresh_tokens: Arc<dyn RefreshTokenRepository>,
    pub api_tokens: Arc<dyn ApiTokenRepository>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub tokens: Arc<dyn TokenIssuer>,
    pub secrets: Arc<dyn SecretGenerator>,
    pub limiter: Arc<dyn RateLimiter>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
}

/// How long things last, and how often they may be done.
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// How long an access token is good.
    pub access_token_lifetime: Duration,
    /// How long a session lasts, however busy it is.
    pub session_lifetime: Duration,
    /// How long a session lasts that nothing is heard of.
    pub session_idle_max: Duration,
    /// How often requests may come.
    pub quotas: Quotas,
}

/// Signs users in and recognises them.
pub struct Auth {
    ports: AuthPorts,
    settings: AuthSettings,
    recognised: Arc<RecognisedCallers>,
    seen: SeenLater,
    queues: Queues,
}

/// Where a request comes from that nobody has signed yet.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// What the device calls itself.
    pub user_agent: Option<String>,
    /// Its address.
    pub ip: Option<String>,
    /// The request that asked.
    pub request_id: Option<String>,
}

impl Device {
    /// Where a request of this device came from, for the audit.
    fn origin(&self, session_id: Option<SessionId>) -> Origin {
        Origin { session_id, ip: self.ip.clone(), request_id: self.request_id.clone(), ..Origin::default() }
    }
}

/// What a client gets by signing in, and by each refresh.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Shown with every request.
    pub access_token: AccessToken,
    /// Shown once, for the next pair.
    pub refresh_token: TokenSecret,
    /// How long the access token is good.
    pub expires_in: Duration,
}

/// A signed access token.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    /// The token, for its holder only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessToken(secret)")
    }
}

impl Auth {
    /// A service with these settings. Whatever changes users shares `recognised` with it, so that a change
    /// works at once.
    pub fn new(ports: AuthPorts, settings: AuthSettings, recognised: Arc<RecognisedCallers>) -> Self {
        Self { ports, settings, recognised, seen: SeenLater::default(), queues: Queues::new() }
    }

    fn audit(&self) -> Audit<'_> {
        Audit { store: &*self.ports.store, clock: &*self.ports.clock, ids: &*self.ports.ids }
    }

    /// Commits what callers do to their own account and to others', which works at once.
    async fn commit(&self, changes: ChangeSet) -> Result<(), AuthError> {
        match self.ports.store.commit(changes).await {
            Ok(()) => {
                self.recognised.forget();
                Ok(())
            }
            // Somebody has removed the caller's account since they were recognised.
            Err(CommitError::Conflict(Conflict::Missing(User::KIND))) => Err(AuthError::SessionEnded),
            Err(error) => Err(error.into()),
        }
    }

    fn idle_max(&self) -> TimeDelta {
        delta(self.settings.session_idle_max)
    }

    fn lets_in(&self, session: &Session, user: &User, now: Timestamp) -> bool {
        user.is_active && session.user_id == user.id && session.is_live(now, self.idle_max())
    }

    /// A new access token for a session, and how long it is good.
    fn access_token(&self, session: &Session, now: Timestamp) -> Result<(AccessToken, Duration), AuthError> {
        let claims = AccessClaims {
            user_id: session.user_id,
            session_id: session.id,
            issued_at: now,
            expires_at: (now + delta(self.settings.access_token_lifetime)).min(session.expires_at),
        };
        let token = AccessToken(self.ports.tokens.issue(&claims)?);
        Ok((token, (claims.expires_at - now).to_std().unwrap_or_default()))
    }
}

/// A lifetime from the configuration, which is never longer than what a time can hold.
fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// The target of an audit record about sessions.
pub(crate) fn target_of(selection: &SessionSelection) -> String {
    match selection {
        SessionSelection::One(id) => format!("session:{id}"),
        SessionSelection::OfUser(id) | SessionSelection::OthersOfUser { user_id: id, .. } => format!("user:{id}"),
        SessionSelection::All => "sessions".to_owned(),
    }
}
