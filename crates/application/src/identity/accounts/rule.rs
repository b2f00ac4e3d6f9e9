//! The rules of accounts.

use incident_domain::{
    identity::{PasswordHasherError, User},
    kernel::{Conflict, Record as _},
};
use thiserror::Error;

use crate::{
    identity::new_password::GuessablePassword,
    kernel::{CommandError, Rule},
};

/// Why a command on an account was not carried out.
pub type AccountError = CommandError<AccountRule>;

/// A rule of accounts.
#[derive(Debug, Error)]
pub enum AccountRule {
    /// Another user has this address.
    #[error("there is a user with this email already")]
    EmailTaken,
    /// The password is too easy to guess.
    #[error(transparent)]
    GuessablePassword(#[from] GuessablePassword),
    /// Incidents or tasks name the user, who can be made inactive instead.
    #[error("incidents or tasks name this user; make them inactive instead")]
    InUse,
    /// The password could not be hashed.
    #[error(transparent)]
    Hasher(#[from] PasswordHasherError),
}

impl Rule for AccountRule {
    fn code(&self) -> Option<&'static str> {
        match self {
            Self::EmailTaken => Some("email_taken"),
            Self::GuessablePassword(_) => Some("too_guessable"),
            Self::InUse => Some("user_in_use"),
            Self::Hasher(_) => None,
        }
    }

    fn broken_by(conflict: Conflict) -> Option<Self> {
        match conflict {
            Conflict::Duplicate(User::EMAIL) => Some(Self::EmailTaken),
            Conflict::InUse(User::KIND) => Some(Self::InUse),
            _ => None,
        }
    }
}
