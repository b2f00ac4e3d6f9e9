//! Access tokens.

use thiserror::Error;

use crate::kernel::{SessionId, Timestamp, UserId};

/// The claims of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// The user.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
    /// The time of issue.
    pub issued_at: Timestamp,
    /// The time of expiry.
    pub expires_at: Timestamp,
}

/// Issues and verifies access tokens.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenIssuer: Send + Sync {
    /// Returns a token with these claims.
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError>;

    /// Verifies a token and returns its claims.
    ///
    /// - MUST refuse a token that it did not issue, whatever algorithm the token names.
    /// - MUST refuse a token that has expired by `now`.
    fn check(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError>;
}

/// The reason why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The token has expired.
    #[error("the token has expired")]
    Expired,
    /// The token is malformed, or was not issued by this server.
    #[error("the token is not valid")]
    Invalid,
}
