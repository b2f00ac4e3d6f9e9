//! Access tokens.

use thiserror::Error;

use crate::kernel::{SessionId, Timestamp, UserId};

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessClaims {
    /// Who holds it.
    pub user_id: UserId,
    /// The session it belongs to.
    pub session_id: SessionId,
    /// When it was made.
    pub issued_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Makes and checks access tokens.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenIssuer: Send + Sync {
    /// A token that says this.
    fn issue(&self, claims: &AccessClaims) -> Result<String, TokenError>;

    /// What a token says.
    ///
    /// - MUST refuse a token that it did not issue, whatever the token itself says about its algorithm.
    /// - MUST refuse a token that has expired by `now`.
    fn check(&self, token: &str, now: Timestamp) -> Result<AccessClaims, TokenError>;
}

/// Why a token is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// It was good once.
    #[error("the token has expired")]
    Expired,
    /// It never was.
    #[error("the token is not valid")]
    Invalid,
}
