//! Why a call failed.

use thiserror::Error;

use super::problem::{Problem, ProblemCode};

/// Why a call failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The server refused the call or failed, and said why.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// No response arrived at any attempt. Whether a command was executed is unknown.
    #[error("no response from the server")]
    Transport(#[source] reqwest::Error),
    /// The response stopped before its end.
    #[error("the server stopped in the middle of its response")]
    Stalled,
    /// The response does not follow this API; it may be that of a proxy.
    #[error("a response with status {status} does not follow this api")]
    UnexpectedAnswer {
        status: u16,
        /// Why the body cannot be read as JSON of the expected form.
        #[source]
        source: Option<serde_json::Error>,
    },
    /// The HTTP client cannot be set up.
    #[error("cannot set up the http client")]
    Setup(#[source] reqwest::Error),
    /// The base URL is invalid.
    #[error("`{0}` is not a valid http url of a server")]
    BaseUrl(String),
    /// An id or number cannot be a segment of a path.
    #[error("`{0}` is not a valid id or number")]
    Name(String),
}

impl ClientError {
    /// Returns the problem that the server described, if it did.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// Returns the code of the problem that the server described, if it did.
    pub fn code(&self) -> Option<ProblemCode> {
        self.problem().map(|problem| problem.code)
    }
}
