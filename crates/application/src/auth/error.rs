//! Why somebody is not let in, or may not do what they want with sessions, passwords and tokens.

use incident_domain::ports::{
    CommitError, Conflict, PasswordHasherError, SecretGeneratorError, StoreError, TokenError,
};
use thiserror::Error;

use super::Throttled;
use crate::{Forbidden, audit::Refusal, new_password::GuessablePassword};

/// Why somebody is not let in, or may not do what they want with sessions, passwords and tokens.
#[derive(Debug, Error)]
pub enum AuthError {
    /// The address is unknown, the password is wrong, or the account is inactive: which of them is
    /// nobody's business.
    #[error("the email or the password is wrong")]
    WrongCredentials,
    /// The token is no good.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The token is good, but its session has ended or its user is no longer active.
    #[error("the session has ended")]
    SessionEnded,
    /// The refresh token was used before: its session has been ended.
    #[error("the refresh token was used before")]
    RefreshTokenReused,
    /// The API token has expired or was revoked, or its user is no longer active.
    #[error("the API token is no longer good")]
    ApiTokenEnded,
    /// The caller may not do this.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// There is no such user, session or token, or none that the caller may know of.
    #[error("there is no such thing")]
    NotFound,
    /// The password that a signed-in user gave as their current one is not.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The new password is too easy to guess.
    #[error(transparent)]
    GuessablePassword(#[from] GuessablePassword),
    /// An API token may not do more than its user.
    #[error("the role is higher than your own")]
    RoleTooHigh,
    /// An API token may not last that long.
    #[error("the token would last too long")]
    LifetimeTooLong,
    /// The user has as many API tokens as one may have.
    #[error("there are too many API tokens")]
    TooManyApiTokens,
    /// It was tried too often.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// Passwords cannot be checked at the moment.
    #[error(transparent)]
    Hasher(#[from] PasswordHasherError),
    /// The machine has no random numbers.
    #[error(transparent)]
    Secrets(#[from] SecretGeneratorError),
    /// The store does not answer.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// Others kept changing the same faster than this change could be made.
    #[error("it is changed by too many at once")]
    Contended,
    /// The store contradicts what was just read; it does not happen in ordinary running.
    #[error("the change could not be stored")]
    NotStored(#[source] Conflict),
}

impl From<CommitError> for AuthError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(source) => Self::Unavailable(source),
            CommitError::Conflict(conflict) => Self::NotStored(conflict),
        }
    }
}

impl Refusal for AuthError {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::WrongCredentials => "wrong_credentials",
            Self::Token(TokenError::Expired) => "token_expired",
            Self::Token(TokenError::Invalid) => "invalid_token",
            Self::SessionEnded => "session_ended",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::ApiTokenEnded => "api_token_ended",
            Self::Forbidden(forbidden) => forbidden.code(),
            Self::NotFound => "not_found",
            Self::WrongPassword => "wrong_password",
            Self::GuessablePassword(_) => "too_guessable",
            Self::RoleTooHigh => "role_too_high",
            Self::LifetimeTooLong => "out_of_range",
            Self::TooManyApiTokens => "too_many_api_tokens",
            // Whoever tries too often must not fill the audit by it.
            Self::Throttled(_)
            | Self::Hasher(_)
            | Self::Secrets(_)
            | Self::Unavailable(_)
            | Self::Contended
            | Self::NotStored(_) => return None,
        })
    }
}
