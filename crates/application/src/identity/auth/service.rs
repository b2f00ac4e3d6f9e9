//! What recognising and signing in share.

use std::{fmt, sync::Arc, time::Duration};

use chrono::TimeDelta;
use incident_domain::{
    identity::{
        AccessClaims, ApiTokenRepository, PasswordHasher, RefreshTokenRepository, Session, SessionRepository,
        TokenIssuer, TokenSecret, User, UserRepository,
    },
    kernel::{Origin, RateLimiter, SecretGenerator, SessionId, Timestamp},
};

use super::{AuthRule, CallerCache, Quotas, last_seen::LastSeen};
use crate::kernel::CommandRunner;

/// What recognising callers needs.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct AuthPorts {
    pub users: Arc<dyn UserRepository>,
    pub sessions: Arc<dyn SessionRepository>,
    pub refresh_tokens: Arc<dyn RefreshTokenRepository>,
    pub api_tokens: Arc<dyn ApiTokenRepository>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub tokens: Arc<dyn TokenIssuer>,
    pub secrets: Arc<dyn SecretGenerator>,
    pub limiter: Arc<dyn RateLimiter>,
}

/// How long tokens and sessions last, and how often requests may come.
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// How long an access token is valid.
    pub access_token_lifetime: Duration,
    /// How long a session lasts, however much it is used.
    pub session_lifetime: Duration,
    /// How long a session lasts that is not used.
    pub session_idle_max: Duration,
    /// How often requests may come.
    pub quotas: Quotas,
}

/// Signs users in and recognises them.
pub struct Auth {
    pub(super) runner: Arc<CommandRunner>,
    pub(super) ports: AuthPorts,
    pub(super) settings: AuthSettings,
    pub(super) callers: Arc<CallerCache>,
    pub(super) last_seen: LastSeen,
}

/// Where a request comes from whose sender is not known yet.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// What the device calls itself.
    pub user_agent: Option<String>,
    /// Its address.
    pub ip: Option<String>,
    /// The request.
    pub request_id: Option<String>,
}

impl Device {
    /// Returns where a request of this device came from, for the audit.
    pub(super) fn origin(&self, session_id: Option<SessionId>) -> Origin {
        Origin { session_id, ip: self.ip.clone(), request_id: self.request_id.clone(), ..Origin::default() }
    }
}

/// What a client gets by signing in, and by each refresh.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Sent with every request.
    pub access_token: AccessToken,
    /// Used once, for the next pair.
    pub refresh_token: TokenSecret,
    /// How long the access token is valid.
    pub expires_in: Duration,
}

/// A signed access token.
#[derive(Clone)]
pub struct AccessToken(String);

impl AccessToken {
    /// Returns the token, for its holder only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(secret)")
    }
}

impl Auth {
    /// Makes a service with these settings. Services that change users share `callers` with it, so that a change takes
    /// effect at once.
    pub fn new(
        runner: Arc<CommandRunner>,
        ports: AuthPorts,
        settings: AuthSettings,
        callers: Arc<CallerCache>,
    ) -> Self {
        Self { runner, ports, settings, callers, last_seen: LastSeen::default() }
    }

    pub(super) fn idle_max(&self) -> TimeDelta {
        delta(self.settings.session_idle_max)
    }

    pub(super) fn is_valid(&self, session: &Session, user: &User, now: Timestamp) -> bool {
        user.is_active && session.user_id == user.id && session.is_live(now, self.idle_max())
    }

    /// Makes an access token for a session, and says how long it is valid.
    pub(super) fn access_token(&self, session: &Session, now: Timestamp) -> Result<(AccessToken, Duration), AuthRule> {
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

/// Converts a duration of the configuration, which is never longer than what a time can hold.
pub(super) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
