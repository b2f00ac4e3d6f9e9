//! The stable codes of problems, each with its HTTP status and title.

use actix_web::http::StatusCode;

use crate::names::name_schemas;

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:ident, $title:literal;)+) => {
        /// The kinds of problems; clients decide by the code, which never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum ProblemCode { $($(#[$doc])* $variant),+ }

        impl ProblemCode {
            /// Every code, for the OpenAPI document.
            pub(crate) const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable code.
            pub(crate) const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The HTTP status that goes with it.
            pub(crate) const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            /// What a person reads first.
            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }
        }
    };
}

problem_codes! {
    /// The request as such cannot be understood: its line, headers or encoding.
    BadRequest = "bad_request", BAD_REQUEST, "The request cannot be understood";
    /// The body is not JSON.
    MalformedJson = "malformed_json", BAD_REQUEST, "The body is not valid JSON";
    /// A PATCH that says nothing.
    EmptyPatch = "empty_patch", BAD_REQUEST, "The patch changes nothing";
    /// A header has a form that it cannot have.
    BadHeader = "bad_header", BAD_REQUEST, "A header is malformed";
    /// No access token came with the request.
    NotSignedIn = "not_signed_in", UNAUTHORIZED, "Sign in first";
    /// The token is not good.
    InvalidToken = "invalid_token", UNAUTHORIZED, "The token is not valid";
    /// The access token was good once.
    TokenExpired = "token_expired", UNAUTHORIZED, "The access token has expired";
    /// The session has ended or its user is inactive.
    SessionEnded = "session_ended", UNAUTHORIZED, "The session has ended";
    /// The refresh token was used before; its session has been ended.
    RefreshTokenReused = "refresh_token_reused", UNAUTHORIZED, "The refresh token was used before";
    /// The API token has expired or was revoked, or its user is inactive.
    ApiTokenEnded = "api_token_ended", UNAUTHORIZED, "The API token has ended";
    /// Wrong email or password, or an inactive account.
    WrongCredentials = "wrong_credentials", UNAUTHORIZED, "The email or the password is wrong";
    /// The caller's role does not suffice.
    Forbidden = "forbidden", FORBIDDEN, "Not allowed";
    /// An API token cannot do it, whatever its role.
    SessionRequired = "session_required", FORBIDDEN, "Sign in to do this";
    /// Somebody else has to do it to one's own account.
    OwnAccount = "own_account", FORBIDDEN, "Not to your own account";
    /// There is nothing there.
    NotFound = "not_found", NOT_FOUND, "Not found";
    /// The body did not arrive in time.
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request took too long to arrive";
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "The method is not allowed here";
    /// The state machine says no.
    TransitionRefused = "transition_refused", CONFLICT, "The transition is refused";
    /// Another user has this email.
    EmailTaken = "email_taken", CONFLICT, "The email is taken";
    /// Incidents or tasks name the user.
    UserInUse = "user_in_use", CONFLICT, "Incidents or tasks name this user";
    /// The user has as many API tokens as one may have.
    TooManyApiTokens = "too_many_api_tokens", CONFLICT, "There are too many API tokens";
    /// Another category has this name.
    CategoryNameTaken = "category_name_taken", CONFLICT, "The category's name is taken";
    /// Tasks are of the category.
    CategoryInUse = "category_in_use", CONFLICT, "Tasks are of this category";
    /// Another view of the user has this name.
    ViewNameTaken = "view_name_taken", CONFLICT, "The view's name is taken";
    /// The user has as many views as one may have.
    TooManyViews = "too_many_views", CONFLICT, "There are too many views";
    /// Another job with the same key is open.
    JobSuperseded = "job_superseded", CONFLICT, "Another job does the work of this one";
    /// `If-Match` does not match.
    PreconditionFailed = "precondition_failed", PRECONDITION_FAILED, "It has changed since you read it";
    /// The body is too large.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The body is not declared as JSON.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "Send application/json";
    /// The values do not fit; `errors` says which.
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY, "Some values do not fit";
    /// The idempotency key was used for another request.
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The idempotency key was used before";
    /// It was tried too often; `Retry-After` says when it may be again.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many requests";
    /// Something broke; the log knows more under the request id.
    Internal = "internal_error", INTERNAL_SERVER_ERROR, "Something went wrong here";
    /// The store does not answer, or too many want the same thing; try again.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "Not available at the moment";
    /// It took too long, and may have been done all the same; ask again.
    TimedOut = "timed_out", SERVICE_UNAVAILABLE, "It took too long";
    /// Too many requests are worked on, or too many passwords wait to be checked; nothing was done. `Retry-After` says
    /// when to try again.
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "Too much to do at the moment";
    /// The store's schema is of another release.
    SchemaMismatch = "schema_mismatch", SERVICE_UNAVAILABLE, "The database schema does not fit this release";
}

name_schemas! {
    ProblemCodeName = ProblemCode, "ProblemCode", "The kind of a problem, for programs; stable.";
}

impl ProblemCode {
    /// The code for an answer that the framework made without us.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED => Self::NotSignedIn,
            StatusCode::FORBIDDEN => Self::Forbidden,
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => Self::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            StatusCode::TOO_MANY_REQUESTS => Self::RateLimited,
            StatusCode::SERVICE_UNAVAILABLE => Self::Unavailable,
            status if status.as_u16() < 500 => Self::BadRequest,
            _ => Self::Internal,
        }
    }
}
