//! Problems (RFC 9457): why the server refused a call or failed.

use std::fmt;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use super::names::names;

names! {
    /// The kind of a problem. A code never changes its meaning.
    ProblemCode {
        /// The request cannot be understood.
        BadRequest,
        MalformedJson,
        EmptyPatch,
        BadHeader,
        NotSignedIn,
        InvalidToken,
        TokenExpired,
        SessionEnded,
        /// The refresh token was used twice, so it may have been stolen; the session has ended.
        RefreshTokenReused,
        /// The API token has expired or was revoked.
        ApiTokenEnded,
        /// Wrong email or password, or an inactive account.
        WrongCredentials,
        /// The role is too low.
        Forbidden,
        /// API tokens cannot do this, whatever their role.
        SessionRequired,
        /// Users cannot do this to their own account.
        OwnAccount,
        NotFound,
        MethodNotAllowed,
        /// The state machine does not allow the transition; the problem names the allowed ones.
        TransitionRefused,
        EmailTaken,
        /// Incidents or tasks refer to the user.
        UserInUse,
        TooManyApiTokens,
        /// Another category has this name.
        CategoryNameTaken,
        CategoryInUse,
        /// Another job with the same key is open.
        JobSuperseded,
        /// Another view of the user has this name.
        ViewNameTaken,
        /// Another record has a value that must be unique; `detail` names it.
        ValueTaken,
        /// Other records refer to this one.
        InUse,
        TooManyViews,
        /// The record has changed since it was read.
        PreconditionFailed,
        /// The body did not arrive in time.
        RequestTimeout,
        BodyTooLarge,
        HeadTooLarge,
        UnsupportedMediaType,
        /// Some values are invalid; the problem's `errors` list them.
        ValidationFailed,
        IdempotencyKeyReused,
        RateLimited,
        /// The server failed; its log has the details under the request id.
        InternalError,
        /// The store does not respond, or too many requests compete for one record.
        Unavailable,
        /// The server timed out; whether the command was executed is unknown.
        TimedOut,
        /// The server or its password hashing is overloaded; nothing was executed.
        Overloaded,
        /// The database schema belongs to another release.
        SchemaMismatch,
        /// The server's database takes no writes, for instance because its disk is full.
        DatabaseNotWritable,
        /// The file of the server's database was replaced while it was open.
        DatabaseFileReplaced,
        /// The timelines of the database were sealed with another key than the server's.
        TimelineKeyMismatch,
    }
}

/// A response that refuses a call or reports a failure.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// The kind of problem as a URI. It ends with the code, also if this client does not know the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem, for people.
    pub title: String,
    pub status: u16,
    /// What is wrong in this case, for people.
    pub detail: String,
    /// The kind of problem, for programs.
    pub code: ProblemCode,
    /// The request's id in the server's log.
    pub request_id: String,
    /// Every invalid value, if the code is `validation_failed`.
    #[serde(default)]
    pub errors: Vec<ProblemItem>,
    /// The current status, if the code is `transition_refused`.
    pub from: Option<String>,
    /// The requested status, if the code is `transition_refused`.
    pub to: Option<String>,
    /// The statuses that are allowed next, if the code is `transition_refused`.
    #[serde(default)]
    pub allowed: Vec<String>,
}

/// A transition that a state machine refused. `S` is the status of an incident or of a task.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct RefusedTransition<S> {
    pub from: S,
    pub to: S,
    /// The statuses that are allowed next.
    pub allowed: Vec<S>,
}

impl Problem {
    /// Returns the refused transition, if the code is `transition_refused`. The request decides what has the status.
    pub fn refused_transition<S: DeserializeOwned>(&self) -> Option<RefusedTransition<S>> {
        serde_json::from_value(json!({ "from": self.from, "to": self.to, "allowed": self.allowed })).ok()
    }
}

/// One invalid value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ProblemItem {
    /// Its place: a JSON Pointer into the body, or `?name` for a parameter.
    pub pointer: String,
    /// What is wrong, for programs.
    pub code: String,
    /// What is wrong, for people.
    pub detail: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, code, detail, request_id, .. } = self;
        write!(f, "{detail} ({status} {code}, request {request_id})")
    }
}
