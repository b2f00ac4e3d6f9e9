//! The stable codes of problems, each with its HTTP status and title.

use actix_web::http::StatusCode;

use crate::enum_schemas::enum_schemas;

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:ident, $title:literal;)+) => {
        /// The kinds of problems. A published code never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum ProblemCode { $($(#[$doc])* $variant),+ }

        impl ProblemCode {
            /// Every code, for the OpenAPI document.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),+];

            /// The published code.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The HTTP status of the response.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// The summary for people.
            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

problem_codes! {
    BadRequest = "bad_request", BAD_REQUEST, "The request cannot be understood";
    MalformedJson = "malformed_json", BAD_REQUEST, "The body is not valid JSON";
    EmptyPatch = "empty_patch", BAD_REQUEST, "The patch changes nothing";
    BadHeader = "bad_header", BAD_REQUEST, "A header is malformed";
    NotSignedIn = "not_signed_in", UNAUTHORIZED, "Sign in first";
    InvalidToken = "invalid_token", UNAUTHORIZED, "The token is not valid";
    TokenExpired = "token_expired", UNAUTHORIZED, "The access token has expired";
    /// The session has ended, or its user is inactive.
    SessionEnded = "session_ended", UNAUTHORIZED, "The session has ended";
    RefreshTokenReused = "refresh_token_reused", UNAUTHORIZED, "The refresh token was used before";
    /// The API token has expired or was revoked, or its user is inactive.
    ApiTokenEnded = "api_token_ended", UNAUTHORIZED, "The API token has ended";
    /// The email or password is wrong, or the account is inactive.
    WrongCredentials = "wrong_credentials", UNAUTHORIZED, "The email or the password is wrong";
    Forbidden = "forbidden", FORBIDDEN, "Not allowed";
    /// API tokens of any role are refused.
    SessionRequired = "session_required", FORBIDDEN, "Sign in to do this";
    OwnAccount = "own_account", FORBIDDEN, "Not to your own account";
    NotFound = "not_found", NOT_FOUND, "Not found";
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request took too long to arrive";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "The method is not allowed here";
    TransitionRefused = "transition_refused", CONFLICT, "The transition is refused";
    EmailTaken = "email_taken", CONFLICT, "The email is taken";
    UserInUse = "user_in_use", CONFLICT, "Incidents or tasks name this user";
    TooManyApiTokens = "too_many_api_tokens", CONFLICT, "There are too many API tokens";
    CategoryNameTaken = "category_name_taken", CONFLICT, "The category's name is taken";
    CategoryInUse = "category_in_use", CONFLICT, "Tasks are of this category";
    ViewNameTaken = "view_name_taken", CONFLICT, "The view's name is taken";
    TooManyViews = "too_many_views", CONFLICT, "There are too many views";
    /// Another record has a value that must be unique; `detail` names it.
    ValueTaken = "value_taken", CONFLICT, "The value is taken";
    InUse = "in_use", CONFLICT, "Others refer to it";
    JobSuperseded = "job_superseded", CONFLICT, "Another job does the work of this one";
    /// `If-Match` does not match.
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED, "It has changed since you read it";
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The request line and the headers are too long.
    HeadTooLarge = "head_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Send application/json";
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY, "Some values do not fit";
    /// The idempotency key was used for another request.
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The idempotency key was used before";
    /// The caller exceeded a rate limit; `Retry-After` says when to try again.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many requests";
    /// An internal error; the log has the cause under the request id.
    Internal = "internal_error", INTERNAL_SERVER_ERROR, "Something went wrong here";
    /// The store is unavailable, or too many writers compete for one record; try again.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not available at the moment";
    /// The request timed out and may have taken effect; send it again.
    TimedOut = "timed_out", SERVICE_UNAVAILABLE, "It took too long";
    /// Too many requests are in progress, or too many password checks are queued; nothing was done. `Retry-After` says
    /// when to try again.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "Too much to do at the moment";
    SchemaMismatch = "schema_mismatch", SERVICE_UNAVAILABLE, "The database schema does not fit this release";
    /// The database answers and takes no writes, for instance because its disk is full.
    DatabaseNotWritable = "database_not_writable", SERVICE_UNAVAILABLE, "The database takes no writes";
    /// The file of a SQLite database was replaced while the server had it open; nothing is written until it is started again.
    DatabaseFileReplaced = "database_file_replaced", SERVICE_UNAVAILABLE, "The database file was replaced";
    TimelineKeyMismatch = "timeline_key_mismatch", SERVICE_UNAVAILABLE, "The timeline key is not that of the database";
}

enum_schemas! {
    ProblemCodeName = ProblemCode, "ProblemCode", "The kind of problem, for programs; stable.";
}

impl ProblemCode {
    /// The code for a response that the framework made by itself.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::NotSignedIn,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::HeadTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::TOO_MANY_REQUESTS => Self::RateLimited,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.as_u16() < 500 => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}
