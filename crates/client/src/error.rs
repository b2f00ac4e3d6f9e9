//! Why a call came to nothing.

use thiserror::Error;

use crate::problem::{Problem, ProblemCode};

/// Why a call came to nothing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server refused, or failed, and said why.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// No answer came, however often it was tried. Whether a command was done is not known.
    #[error("no answer came from the server")]
    Transport(#[source] reqwest::Error),
    /// The answer began and did not go on.
    #[error("the server stopped in the middle of its answer")]
    Stalled,
    /// Something answered that does not speak this API, a proxy perhaps.
    #[error("an answer with the status {status} is none of this api")]
    UnexpectedAnswer {
        /// The HTTP status.
        status: u16,
        /// What did not fit of its body, if it was read.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// The HTTP client cannot be made.
    #[error("the http client cannot be made")]
    Setup(#[source] reqwest::Error),
    /// The server's address cannot be one.
    #[error("`{0}` is no http url of a server")]
    BaseUrl(String),
    /// What was given as an id or number cannot stand in a path.
    #[error("`{0}` names nothing")]
    Name(String),
}

impl ClientError {
    /// What the server said, if it did.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// The kind of the problem, if the server told one.
    pub fn code(&self) -> Option<ProblemCode> {
        self.problem().map(|problem| problem.code)
    }
}
