//! What the server says when it refuses or fails (RFC 9457).

use std::fmt;

use serde::Deserialize;

use crate::names::{Status, TaskStatus, names};

names! {
    /// The kind of a problem; it never changes its meaning.
    ProblemCode {
        /// The request as such cannot be understood.
        BadRequest = "bad_request",
        /// The body is not JSON.
        MalformedJson = "malformed_json",
        /// A patch that says nothing.
        EmptyPatch = "empty_patch",
        /// A header has a form that it cannot have.
        BadHeader = "bad_header",
        /// No token came with the request.
        NotSignedIn = "not_signed_in",
        /// The token is not good.
        InvalidToken = "invalid_token",
        /// The access token was good once.
        TokenExpired = "token_expired",
        /// The session has ended: sign in again.
        SessionEnded = "session_ended",
        /// Somebody else has shown the refresh token; the session has ended.
        RefreshTokenReused = "refresh_token_reused",
        /// The API token has expired or was revoked.
        ApiTokenEnded = "api_token_ended",
        /// Wrong email or password, or an inactive account.
        WrongCredentials = "wrong_credentials",
        /// The role does not suffice.
        Forbidden = "forbidden",
        /// An API token cannot do it, whatever its role.
        SessionRequired = "session_required",
        /// Somebody else has to do it to one's own account.
        OwnAccount = "own_account",
        /// There is nothing there.
        NotFound = "not_found",
        /// The path exists, the method does not.
        MethodNotAllowed = "method_not_allowed",
        /// The state machine says no; the problem says what it allows.
        TransitionRefused = "transition_refused",
        /// Another user has this email.
        EmailTaken = "email_taken",
        /// Incidents or tasks name the user.
        UserInUse = "user_in_use",
        /// The user has as many API tokens as one may have.
        TooManyApiTokens = "too_many_api_tokens",
        /// Another category has this name.
        CategoryNameTaken = "category_name_taken",
        /// Tasks are of this category.
        CategoryInUse = "category_in_use",
        /// Another job with the same key is open.
        JobSuperseded = "job_superseded",
        /// Another view of the user has this name.
        ViewNameTaken = "view_name_taken",
        /// Another record has a value that must be unique.
        ValueTaken = "value_taken",
        /// Other records refer to this one.
        InUse = "in_use",
        /// The user has as many views as one may have.
        TooManyViews = "too_many_views",
        /// It has changed since it was read.
        PreconditionFailed = "precondition_failed",
        /// The body did not arrive in time.
        RequestTimeout = "request_timeout",
        /// The body is too large.
        BodyTooLarge = "body_too_large",
        /// The body is not declared as JSON.
        UnsupportedMediaType = "unsupported_media_type",
        /// Some values do not fit; the problem's `errors` say which.
        ValidationFailed = "validation_failed",
        /// The idempotency key was used for another request.
        IdempotencyKeyReused = "idempotency_key_reused",
        /// It was tried too often.
        RateLimited = "rate_limited",
        /// Something broke in the server; its log knows more under the request id.
        InternalError = "internal_error",
        /// The store does not answer, or too many want the same.
        Unavailable = "unavailable",
        /// The server gave up; whether it was done is not known.
        TimedOut = "timed_out",
        /// There is too much to do, or too many passwords wait to be checked; nothing was done.
        Overloaded = "overloaded",
        /// The store's schema is of another release.
        SchemaMismatch = "schema_mismatch",
    }
}

/// What the server says when it refuses or fails.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Told")]
#[non_exhaustive]
pub struct Problem {
    /// Names the kind of problem as a URI; it ends with the code, one that this client does not know included.
    pub kind: String,
    /// The kind of problem, for people.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong this time, for people.
    pub detail: String,
    /// The kind of problem, to decide by.
    pub code: ProblemCode,
    /// Finds the request in the server's log.
    pub request_id: String,
    /// Every value that does not fit, when the code is `validation_failed`.
    pub errors: Vec<ProblemItem>,
    /// Where the incident stands, when the code is `transition_refused`.
    pub from: Option<Status>,
    /// Where it was to go, when the code is `transition_refused`.
    pub to: Option<Status>,
    /// Where it can go from there, when the code is `transition_refused`.
    pub allowed: Vec<Status>,
    /// Where it can go from there, when it was a task's step that was refused.
    pub allowed_for_task: Vec<TaskStatus>,
}

/// A problem as it is told. Whose steps it is about, stands in the request.
#[derive(Deserialize)]
struct Told {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    detail: String,
    code: ProblemCode,
    request_id: String,
    #[serde(default)]
    errors: Vec<ProblemItem>,
    from: Option<String>,
    to: Option<String>,
    #[serde(default)]
    allowed: Vec<String>,
}

impl From<Told> for Problem {
    fn from(told: Told) -> Self {
        let Told { kind, title, status, detail, code, request_id, errors, from, to, allowed } = told;
        Self {
            kind,
            title,
            status,
            detail,
            code,
            request_id,
            errors,
            from: from.as_deref().map(Status::named),
            to: to.as_deref().map(Status::named),
            allowed: allowed.iter().map(|name| Status::named(name)).collect(),
            allowed_for_task: allowed.iter().map(|name| TaskStatus::named(name)).collect(),
        }
    }
}

/// One value that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ProblemItem {
    /// Where: a JSON Pointer into the body, or `?name` of a parameter.
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
