//! The errors of commands, independent of their context.

use incident_application::kernel::{CommandError, ReplyError, Rule};
use incident_domain::kernel::{Conflict, StoredReply};

/// The error of a command or of looking up its reply, with the rule reduced to its code and text.
#[derive(Debug)]
pub(crate) enum Failure {
    Command(CommandError<BrokenRule>),
    Reply(ReplyError),
}

/// A rule of any context.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(crate) struct BrokenRule {
    pub(crate) code: Option<&'static str>,
    text: String,
}

impl Failure {
    /// Whether another process already stored a reply under the same key.
    pub(crate) fn is_key_taken(&self) -> bool {
        matches!(self, Self::Command(CommandError::NotStored(Conflict::Duplicate(StoredReply::KEY))))
    }

    /// Whether the store is unavailable.
    pub(crate) const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Command(CommandError::Unavailable(_)) | Self::Reply(ReplyError::Unavailable(_)))
    }

    /// Whether concurrent changes exhausted the retries.
    pub(crate) const fn is_contended(&self) -> bool {
        matches!(self, Self::Command(CommandError::Contended))
    }

    /// Whether the caller's account no longer exists.
    pub(crate) const fn is_missing_caller(&self) -> bool {
        matches!(self, Self::Command(CommandError::CallerGone | CommandError::NotFound(_) | CommandError::Forbidden(_)))
    }

    /// Whether the caller lacks permission.
    pub(crate) const fn is_forbidden(&self) -> bool {
        matches!(self, Self::Command(CommandError::Forbidden(_)))
    }

    /// The code of the broken rule, if a rule was broken.
    pub(crate) fn rule(&self) -> Option<&'static str> {
        match self {
            Self::Command(CommandError::Rule(rule)) => rule.code,
            Self::Command(_) | Self::Reply(_) => None,
        }
    }
}

impl<R: Rule> From<CommandError<R>> for Failure {
    fn from(error: CommandError<R>) -> Self {
        Self::Command(match error {
            CommandError::NotFound(kind) => CommandError::NotFound(kind),
            CommandError::Forbidden(forbidden) => CommandError::Forbidden(forbidden),
            CommandError::CallerGone => CommandError::CallerGone,
            CommandError::PreconditionFailed(kind) => CommandError::PreconditionFailed(kind),
            CommandError::Contended => CommandError::Contended,
            CommandError::Unavailable(source) => CommandError::Unavailable(source),
            CommandError::NotStored(conflict) => CommandError::NotStored(conflict),
            CommandError::Rule(rule) => CommandError::Rule(BrokenRule { code: rule.code(), text: rule.to_string() }),
        })
    }
}

impl From<ReplyError> for Failure {
    fn from(error: ReplyError) -> Self {
        Self::Reply(error)
    }
}
