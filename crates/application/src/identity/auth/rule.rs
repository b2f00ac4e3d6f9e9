//! The rules of sessions, passwords and tokens.

use incident_domain::{
    identity::{PasswordHasherError, TokenError},
    kernel::SecretGeneratorError,
};
use thiserror::Error;

use super::Throttled;
use crate::{
    identity::new_password::GuessablePassword,
    kernel::{CommandError, Rule},
};

/// Why a caller is not recognised, or a command on sessions, passwords or tokens was not carried out.
pub type AuthError = CommandError<AuthRule>;

/// A rule of sessions, passwords and tokens.
#[derive(Debug, Error)]
pub enum AuthRule {
    /// The address is unknown, the password is wrong, or the account is inactive; which of them is not disclosed.
    #[error("the email or the password is wrong")]
    WrongCredentials,
    /// The token is not valid.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The refresh token was used before: its session has been ended.
    #[error("the refresh token was used before")]
    RefreshTokenReused,
    /// The API token has expired or was revoked, or its user is no longer active.
    #[error("the API token is no longer good")]
    ApiTokenEnded,
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
    /// There were too many attempts.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// Passwords cannot be checked at the moment.
    #[error(transparent)]
    Hasher(#[from] PasswordHasherError),
    /// The machine has no random numbers.
    #[error(transparent)]
    Secrets(#[from] SecretGeneratorError),
}

impl Rule for AuthRule {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::WrongCredentials => "wrong_credentials",
            Self::Token(TokenError::Expired) => "token_expired",
            Self::Token(TokenError::Invalid) => "invalid_token",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::ApiTokenEnded => "api_token_ended",
            Self::WrongPassword => "wrong_password",
            Self::GuessablePassword(_) => "too_guessable",
            Self::RoleTooHigh => "role_too_high",
            Self::LifetimeTooLong => "out_of_range",
            Self::TooManyApiTokens => "too_many_api_tokens",
            // A caller who tries too often must not fill the audit.
            Self::Throttled(_) | Self::Hasher(_) | Self::Secrets(_) => return None,
        })
    }
}
