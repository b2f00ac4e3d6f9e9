//! The one place where the application's errors become problems. Each match is exhaustive, so that a new
//! cause of failure cannot be forgotten here.

use actix_web::http::header;
use incident_application::{
    API_TOKEN_LIFETIME_DAYS_MAX, API_TOKENS_PER_USER_MAX, AccountError, AuthError, CategoryError, Forbidden,
    IncidentError, LogError, ReplyError, SavedViewError, StatisticsError, TaskError, Throttled,
};
use incident_domain::{
    TaskStatus, TaskTransitionError, TransitionError,
    ports::{Conflict, HealthError, PasswordHasherError, StoreError, TokenError},
};

use super::{Problem, ProblemCode};
use crate::rate_limit;

const STORE_AWAY: &str = "the store does not answer; try again";
const SESSION_ENDED: &str = "the session has ended; sign in again";
const CONTENDED: &str = "it is changed by too many at once; try again";
const TOO_GUESSABLE: &str = "too_guessable";
const BROKEN: &str = "the log of the server knows more under the request id";

impl From<IncidentError> for Problem {
    fn from(error: IncidentError) -> Self {
        match error {
            IncidentError::NotFound => Self::new(ProblemCode::NotFound, "there is no such incident"),
            IncidentError::Forbidden(forbidden) => forbidden.into(),
            IncidentError::CallerGone => Self::new(ProblemCode::SessionEnded, SESSION_ENDED),
            IncidentError::Transition(error) => error.into(),
            IncidentError::UnknownAssignee => {
                invalid("/assigned_to", "unknown_user", "there is no active user with this id")
            }
            IncidentError::TooManyLabels(error) => invalid("/labels", "too_many", &error.to_string()),
            IncidentError::UnknownOriginal => invalid("/duplicate_of", "unknown_incident", "there is no such incident"),
            IncidentError::PreconditionFailed => {
                Self::new(ProblemCode::PreconditionFailed, "read the incident again and decide anew")
            }
            IncidentError::Contended => Self::new(ProblemCode::Unavailable, CONTENDED),
            IncidentError::Unavailable(source) => source.into(),
            IncidentError::NotStored(conflict) => conflict.into(),
        }
    }
}

impl From<TaskError> for Problem {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::NotFound => Self::new(ProblemCode::NotFound, "there is no such task"),
            TaskError::Forbidden(forbidden) => forbidden.into(),
            TaskError::CallerGone => Self::new(ProblemCode::SessionEnded, SESSION_ENDED),
            TaskError::Transition(error) => error.into(),
            TaskError::UnknownAssignee => {
                invalid("/assigned_to", "unknown_user", "there is no active user with this id")
            }
            // Where the path does not name it, the handler knows who does.
            TaskError::UnknownIncident => Self::new(ProblemCode::NotFound, "there is no such incident"),
            TaskError::PreconditionFailed => {
                Self::new(ProblemCode::PreconditionFailed, "read the task again and decide anew")
            }
            TaskError::Contended => Self::new(ProblemCode::Unavailable, CONTENDED),
            TaskError::Unavailable(source) => source.into(),
            TaskError::NotStored(conflict) => conflict.into(),
        }
    }
}

impl From<CategoryError> for Problem {
    fn from(error: CategoryError) -> Self {
        let detail = error.to_string();
        match error {
            CategoryError::NotFound => Self::new(ProblemCode::NotFound, detail),
            CategoryError::Forbidden(forbidden) => forbidden.into(),
            CategoryError::CallerGone => Self::new(ProblemCode::SessionEnded, SESSION_ENDED),
            CategoryError::NameTaken => Self::new(ProblemCode::CategoryNameTaken, detail),
            CategoryError::InUse => Self::new(ProblemCode::CategoryInUse, "give its tasks another category first"),
            CategoryError::PreconditionFailed => {
                Self::new(ProblemCode::PreconditionFailed, "read the category again and decide anew")
            }
            CategoryError::Contended => Self::new(ProblemCode::Unavailable, CONTENDED),
            CategoryError::Unavailable(source) => source.into(),
            CategoryError::NotStored(conflict) => conflict.into(),
        }
    }
}

impl From<SavedViewError> for Problem {
    fn from(error: SavedViewError) -> Self {
        let detail = error.to_string();
        match error {
            SavedViewError::NotFound => Self::new(ProblemCode::NotFound, detail),
            SavedViewError::Forbidden(forbidden) => forbidden.into(),
            SavedViewError::CallerGone => Self::new(ProblemCode::SessionEnded, SESSION_ENDED),
            SavedViewError::NameTaken => Self::new(ProblemCode::ViewNameTaken, detail),
            SavedViewError::TooMany => Self::new(ProblemCode::TooManyViews, detail),
            SavedViewError::PreconditionFailed => {
                Self::new(ProblemCode::PreconditionFailed, "read the view again and decide anew")
            }
            SavedViewError::Contended => Self::new(ProblemCode::Unavailable, CONTENDED),
            SavedViewError::Unavailable(source) => source.into(),
            SavedViewError::NotStored(conflict) => conflict.into(),
        }
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::WrongCredentials => {
                Self::new(ProblemCode::WrongCredentials, "the email or the password is wrong")
            }
            AuthError::Token(TokenError::Expired) => {
                Self::new(ProblemCode::TokenExpired, "the access token has expired; refresh it or sign in again")
            }
            AuthError::Token(TokenError::Invalid) => {
                Self::new(ProblemCode::InvalidToken, "the token is not one of this server")
            }
            AuthError::SessionEnded => Self::new(ProblemCode::SessionEnded, SESSION_ENDED),
            AuthError::RefreshTokenReused => Self::new(
                ProblemCode::RefreshTokenReused,
                "the refresh token was used before, so that its session has been ended; sign in again",
            ),
            AuthError::ApiTokenEnded => {
                Self::new(ProblemCode::ApiTokenEnded, "the API token has expired or was revoked")
            }
            AuthError::Forbidden(forbidden) => forbidden.into(),
            AuthError::NotFound => Self::new(ProblemCode::NotFound, "there is no such user, session or token"),
            AuthError::WrongPassword => invalid("/current_password", "wrong_password", "is not your password"),
            AuthError::GuessablePassword(error) => invalid("/new_password", TOO_GUESSABLE, &error.to_string()),
            AuthError::RoleTooHigh => invalid("/role", "role_too_high", "must not be higher than your own"),
            AuthError::LifetimeTooLong => {
                let detail = format!("must be between 1 and {API_TOKEN_LIFETIME_DAYS_MAX}");
                invalid("/expires_in_days", "out_of_range", &detail)
            }
            AuthError::TooManyApiTokens => {
                let detail = format!("nobody may have more than {API_TOKENS_PER_USER_MAX}; revoke some first");
                Self::new(ProblemCode::TooManyApiTokens, detail)
            }
            AuthError::Throttled(throttled) => throttled.into(),
            AuthError::Hasher(error) => error.into(),
            AuthError::Secrets(source) => Self::caused_by(ProblemCode::Internal, BROKEN, source),
            AuthError::Unavailable(source) => source.into(),
            AuthError::Contended => Self::new(ProblemCode::Unavailable, CONTENDED),
            AuthError::NotStored(conflict) => conflict.into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotFound => Self::new(ProblemCode::NotFound, "there is no such user"),
            AccountError::Forbidden(forbidden) => forbidden.into(),
            AccountError::EmailTaken => Self::new(ProblemCode::EmailTaken, "there is a user with this email already"),
            AccountError::GuessablePassword(error) => invalid("/password", TOO_GUESSABLE, &error.to_string()),
            AccountError::InUse => Self::new(
                ProblemCode::UserInUse,
                "incidents or tasks name this user; set `is_active` to false instead, which keeps them out",
            ),
            AccountError::PreconditionFailed => {
                Self::new(ProblemCode::PreconditionFailed, "read the user again and decide anew")
            }
            AccountError::Contended => Self::new(ProblemCode::Unavailable, CONTENDED),
            AccountError::Hasher(error) => error.into(),
            AccountError::Unavailable(source) => source.into(),
            AccountError::NotStored(conflict) => conflict.into(),
        }
    }
}

impl From<Throttled> for Problem {
    fn from(Throttled(limited): Throttled) -> Self {
        let wait = rate_limit::retry_after(limited.admission.retry_after.to_std().unwrap_or_default());
        let mut problem = Self::new(ProblemCode::RateLimited, format!("too many requests; try again in {wait} s"))
            .with_header(header::RETRY_AFTER, wait);
        for (name, value) in rate_limit::headers(&limited) {
            problem = problem.with_header(name, value);
        }
        problem
    }
}

impl From<PasswordHasherError> for Problem {
    fn from(error: PasswordHasherError) -> Self {
        match error {
            PasswordHasherError::Busy { retry_after } => {
                Self::new(ProblemCode::Overloaded, "too many passwords wait to be checked; try again")
                    .with_header(header::RETRY_AFTER, rate_limit::retry_after(retry_after))
            }
            error @ PasswordHasherError::Failed(_) => Self::caused_by(ProblemCode::Internal, BROKEN, error),
        }
    }
}

impl From<ReplyError> for Problem {
    fn from(error: ReplyError) -> Self {
        match error {
            ReplyError::KeyReused => Self::new(
                ProblemCode::IdempotencyKeyReused,
                "the idempotency key was used for another request; a new request needs a new key",
            ),
            ReplyError::Unreadable => Self::caused_by(
                ProblemCode::Internal,
                "the request was done, but the reply kept for it is broken",
                error,
            ),
            ReplyError::Unavailable(source) => source.into(),
        }
    }
}

impl From<StatisticsError> for Problem {
    fn from(error: StatisticsError) -> Self {
        match error {
            StatisticsError::Forbidden(forbidden) => forbidden.into(),
            StatisticsError::TooManyIncidents => invalid("?opened_since", "too_many", &error.to_string()),
            StatisticsError::TooManyBuckets => invalid("?by", "too_many", &error.to_string()),
            StatisticsError::Unavailable(source) => source.into(),
        }
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Forbidden(forbidden) => forbidden.into(),
            LogError::Unavailable(source) => source.into(),
        }
    }
}

impl From<TransitionError> for Problem {
    fn from(error: TransitionError) -> Self {
        let detail = error.to_string();
        match error {
            TransitionError::Refused { from, to, allowed } => {
                let allowed = allowed.into_iter().map(incident_domain::Status::as_str).collect();
                Self::transition_refused(detail, from.as_str(), to.as_str(), allowed)
            }
            TransitionError::Missing { field, .. } => invalid(&format!("/{field}"), "required", &detail),
            TransitionError::Unfit { field, .. } => invalid(&format!("/{field}"), "does_not_fit", &detail),
            TransitionError::DuplicateOfItself => invalid("/duplicate_of", "does_not_fit", &detail),
        }
    }
}

impl From<TaskTransitionError> for Problem {
    fn from(error: TaskTransitionError) -> Self {
        let allowed = error.allowed.iter().copied().map(TaskStatus::as_str).collect();
        Self::transition_refused(error.to_string(), error.from.as_str(), error.to.as_str(), allowed)
    }
}

impl From<Forbidden> for Problem {
    fn from(forbidden: Forbidden) -> Self {
        let code = match forbidden {
            Forbidden::Role { .. } => ProblemCode::Forbidden,
            Forbidden::SessionNeeded => ProblemCode::SessionRequired,
            Forbidden::OwnAccount => ProblemCode::OwnAccount,
        };
        Self::new(code, forbidden.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        // What cannot be read will not be readable by trying again.
        if error.is_unreadable() {
            return Self::caused_by(ProblemCode::Internal, BROKEN, error);
        }
        Self::caused_by(ProblemCode::Unavailable, STORE_AWAY, error)
    }
}

/// A conflict that the application could not resolve is ours to explain.
impl From<Conflict> for Problem {
    fn from(conflict: Conflict) -> Self {
        Self::caused_by(ProblemCode::Internal, BROKEN, conflict)
    }
}

impl From<HealthError> for Problem {
    fn from(error: HealthError) -> Self {
        match error {
            HealthError::Unavailable(source) => source.into(),
            HealthError::Schema { advice } => Self::new(ProblemCode::SchemaMismatch, advice),
        }
    }
}

fn invalid(pointer: &str, code: &str, detail: &str) -> Problem {
    Problem::invalid_value(pointer, code, detail)
}
