//! The one place where the application's errors become problems. Each match is exhaustive, so that a new cause of refusal
//! cannot be forgotten here.

use actix_web::http::header;
use incident_application::{
    identity::{
        API_TOKEN_LIFETIME_DAYS_MAX, API_TOKENS_PER_USER_MAX, AccountRule, AuthRule, GuessablePassword, Throttled,
    },
    incidents::{IncidentRule, StatisticsError},
    kernel::{CommandError, Forbidden, JobRule, NoRule, OrdinaryRule, QueryError, ReplyError},
    work::{CategoryRule, SavedViewRule, TaskRule},
};
use incident_domain::{
    identity::{PasswordHasherError, TokenError},
    incidents::{Status, TransitionError},
    kernel::{Conflict, HealthError, RecordKind, StoreError},
    work::{TaskStatus, TaskTransitionError},
};

use super::{Problem, ProblemCode};
use crate::rate_limit;

const STORE_UNAVAILABLE: &str = "the store does not answer; try again";
const SESSION_ENDED: &str = "the session has ended; sign in again";
const CONTENDED: &str = "it is changed by too many at once; try again";
const TOO_GUESSABLE: &str = "too_guessable";
const UNKNOWN_USER: &str = "there is no active user with this id";

impl<R> From<CommandError<R>> for Problem
where
    Self: From<R>,
{
    fn from(error: CommandError<R>) -> Self {
        match error {
            CommandError::NotFound(kind) => not_found(kind),
            CommandError::Forbidden(forbidden) => forbidden.into(),
            CommandError::CallerGone => Self::new(ProblemCode::SessionEnded, SESSION_ENDED),
            CommandError::PreconditionFailed(kind) => Self::new(
                ProblemCode::PreconditionFailed,
                format!("read the {kind} again and retry with its current version"),
            ),
            CommandError::Contended => Self::new(ProblemCode::Unavailable, CONTENDED),
            CommandError::Unavailable(source) => source.into(),
            CommandError::NotStored(conflict) => conflict.into(),
            CommandError::Rule(rule) => rule.into(),
        }
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::NotFound(kind) => not_found(kind),
            QueryError::Forbidden(forbidden) => forbidden.into(),
            QueryError::Unavailable(source) => source.into(),
        }
    }
}

impl From<IncidentRule> for Problem {
    fn from(rule: IncidentRule) -> Self {
        match rule {
            IncidentRule::Transition(error) => error.into(),
            IncidentRule::UnknownAssignee => invalid("/assigned_to", "unknown_user", UNKNOWN_USER),
            IncidentRule::TooManyLabels(error) => invalid("/labels", "too_many", &error.to_string()),
            IncidentRule::UnknownOriginal => invalid("/duplicate_of", "unknown_incident", "there is no such incident"),
        }
    }
}

impl From<TaskRule> for Problem {
    fn from(rule: TaskRule) -> Self {
        match rule {
            TaskRule::Transition(error) => error.into(),
            TaskRule::UnknownAssignee => invalid("/assigned_to", "unknown_user", UNKNOWN_USER),
            // Where the path does not name the incident, the handler knows which member of the request does.
            TaskRule::UnknownIncident => Self::new(ProblemCode::NotFound, "there is no such incident"),
        }
    }
}

impl From<CategoryRule> for Problem {
    fn from(rule: CategoryRule) -> Self {
        match rule {
            CategoryRule::NameTaken => Self::new(ProblemCode::CategoryNameTaken, rule.to_string()),
            CategoryRule::InUse => Self::new(ProblemCode::CategoryInUse, "give its tasks another category first"),
        }
    }
}

impl From<SavedViewRule> for Problem {
    fn from(rule: SavedViewRule) -> Self {
        match rule {
            SavedViewRule::NameTaken => Self::new(ProblemCode::ViewNameTaken, rule.to_string()),
            SavedViewRule::TooMany => Self::new(ProblemCode::TooManyViews, rule.to_string()),
        }
    }
}

impl From<OrdinaryRule> for Problem {
    fn from(rule: OrdinaryRule) -> Self {
        match rule {
            OrdinaryRule::Taken(_) => Self::new(ProblemCode::ValueTaken, rule.to_string()),
            OrdinaryRule::InUse(_) => Self::new(ProblemCode::InUse, rule.to_string()),
        }
    }
}

impl From<JobRule> for Problem {
    fn from(rule: JobRule) -> Self {
        match rule {
            JobRule::Superseded => Self::new(ProblemCode::JobSuperseded, rule.to_string()),
        }
    }
}

impl From<NoRule> for Problem {
    fn from(rule: NoRule) -> Self {
        match rule {}
    }
}

impl From<AuthRule> for Problem {
    fn from(rule: AuthRule) -> Self {
        match rule {
            AuthRule::WrongCredentials => {
                Self::new(ProblemCode::WrongCredentials, "the email or the password is wrong")
            }
            AuthRule::Token(TokenError::Expired) => {
                Self::new(ProblemCode::TokenExpired, "the access token has expired; refresh it or sign in again")
            }
            AuthRule::Token(TokenError::Invalid) => {
                Self::new(ProblemCode::InvalidToken, "the token is not one of this server")
            }
            AuthRule::RefreshTokenReused => Self::new(
                ProblemCode::RefreshTokenReused,
                "the refresh token was used before, so that its session has been ended; sign in again",
            ),
            AuthRule::ApiTokenEnded => {
                Self::new(ProblemCode::ApiTokenEnded, "the API token has expired or was revoked")
            }
            AuthRule::WrongPassword => invalid("/current_password", "wrong_password", "is not your password"),
            AuthRule::GuessablePassword(error) => guessable("/new_password", error),
            AuthRule::RoleTooHigh => invalid("/role", "role_too_high", "must not be higher than your own"),
            AuthRule::LifetimeTooLong => {
                let detail = format!("must be between 1 and {API_TOKEN_LIFETIME_DAYS_MAX}");
                invalid("/expires_in_days", "out_of_range", &detail)
            }
            AuthRule::TooManyApiTokens => {
                let detail = format!("a user may have at most {API_TOKENS_PER_USER_MAX}; revoke some first");
                Self::new(ProblemCode::TooManyApiTokens, detail)
            }
            AuthRule::Throttled(throttled) => throttled.into(),
            AuthRule::Hasher(error) => error.into(),
            AuthRule::Secrets(source) => Self::internal(source),
        }
    }
}

impl From<AccountRule> for Problem {
    fn from(rule: AccountRule) -> Self {
        match rule {
            AccountRule::EmailTaken => Self::new(ProblemCode::EmailTaken, "there is a user with this email already"),
            AccountRule::GuessablePassword(error) => guessable("/password", error),
            AccountRule::InUse => Self::new(
                ProblemCode::UserInUse,
                "incidents or tasks name this user; set `is_active` to false instead, which keeps them out",
            ),
            AccountRule::Hasher(error) => error.into(),
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
            error @ PasswordHasherError::Failed(_) => Self::internal(error),
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

impl From<TransitionError> for Problem {
    fn from(error: TransitionError) -> Self {
        let detail = error.to_string();
        match error {
            TransitionError::Refused { from, to, allowed } => {
                let allowed = allowed.into_iter().map(Status::as_str).collect();
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
            Forbidden::Role { .. } | Forbidden::Permission { .. } | Forbidden::UserNeeded => ProblemCode::Forbidden,
            Forbidden::SessionNeeded => ProblemCode::SessionRequired,
            Forbidden::OwnAccount => ProblemCode::OwnAccount,
        };
        Self::new(code, forbidden.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        // What cannot be read cannot be read by another try either.
        if error.is_unreadable() {
            return Self::internal(error);
        }
        Self::caused_by(ProblemCode::Unavailable, STORE_UNAVAILABLE, error)
    }
}

/// A conflict that the application does not expect is a fault of the server.
impl From<Conflict> for Problem {
    fn from(conflict: Conflict) -> Self {
        Self::internal(conflict)
    }
}

impl From<HealthError> for Problem {
    fn from(error: HealthError) -> Self {
        match error {
            HealthError::Unavailable(source) => source.into(),
            error @ HealthError::NotWritable => Self::new(ProblemCode::DatabaseNotWritable, error.to_string()),
            error @ HealthError::FileReplaced => Self::new(ProblemCode::DatabaseFileReplaced, error.to_string()),
            HealthError::Schema { advice } => Self::new(ProblemCode::SchemaMismatch, advice),
            HealthError::TimelineKey { advice } => Self::new(ProblemCode::TimelineKeyMismatch, advice),
        }
    }
}

fn not_found(kind: RecordKind) -> Problem {
    Problem::new(ProblemCode::NotFound, format!("there is no such {kind}"))
}

fn guessable(pointer: &str, error: GuessablePassword) -> Problem {
    invalid(pointer, TOO_GUESSABLE, &error.to_string())
}

fn invalid(pointer: &str, code: &str, detail: &str) -> Problem {
    Problem::invalid_value(pointer, code, detail)
}
