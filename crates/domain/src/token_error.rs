//! Why a token is no good.

use thiserror::Error;

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
