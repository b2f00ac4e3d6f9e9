//! Who may call an operation.

use incident_domain::kernel::Role;

use crate::problem::ProblemCode;

/// Who may call an operation.
///
/// The use case enforces the rule; the registration states it for the documentation, and for the test of the
/// authorisation matrix, which proves that both agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, without a token and without limits: health checks and metrics.
    Probe,
    /// Anyone, with or without a token.
    Public,
    /// Callers with this role or a higher one, by a session or an API token.
    Role(Role),
    /// Signed-in users, but no API tokens.
    Session,
    /// Signed-in users, but no API tokens, for what belongs to them. Anything else does not exist for them.
    OwnBySession,
    /// Every caller for what belongs to them, administrators for everything.
    OwnOrAdmin,
    /// The same, but no API tokens for what belongs to their user.
    OwnBySessionOrAdmin,
    /// Administrators, but not for their own account.
    AdminExceptOwn,
}

impl Access {
    /// Callers of every role.
    pub const VIEWER: Self = Self::Role(Role::Viewer);
    /// Responders, managers and administrators.
    pub const RESPONDER: Self = Self::Role(Role::Responder);
    /// Managers and administrators.
    pub const MANAGER: Self = Self::Role(Role::Manager);
    /// Administrators.
    pub const ADMIN: Self = Self::Role(Role::Admin);

    /// Whether callers must be authenticated.
    pub const fn needs_token(self) -> bool {
        !matches!(self, Self::Probe | Self::Public)
    }

    /// What the documentation says about refused callers.
    pub(super) fn requirement(self) -> String {
        let requirement = match self {
            Self::Probe | Self::Public => "",
            Self::Role(role) => return format!("Requires the role `{role}` or a higher one."),
            Self::Session | Self::OwnBySession => "Requires a signed-in session; an API token is not enough.",
            Self::OwnOrAdmin => "Requires the role `admin` unless it is your own.",
            Self::OwnBySessionOrAdmin => {
                "Requires the role `admin`, or a signed-in session if it is your own; an API token is not enough then."
            }
            Self::AdminExceptOwn => "Requires the role `admin`, and another account than your own.",
        };
        requirement.to_owned()
    }

    /// The problems that the rule, and the limits of all requests, can cause.
    pub(super) fn problems(self) -> Vec<ProblemCode> {
        let mut problems = Vec::new();
        if self != Self::Probe {
            problems.extend([
                ProblemCode::BadRequest,
                ProblemCode::BadHeader,
                ProblemCode::RateLimited,
                ProblemCode::Unavailable,
                ProblemCode::TimedOut,
                ProblemCode::Overloaded,
            ]);
        }
        if self.needs_token() {
            problems.extend([
                ProblemCode::NotSignedIn,
                ProblemCode::InvalidToken,
                ProblemCode::TokenExpired,
                ProblemCode::SessionEnded,
                ProblemCode::ApiTokenEnded,
                ProblemCode::Forbidden,
            ]);
        }
        match self {
            Self::Session | Self::OwnBySession | Self::OwnBySessionOrAdmin => {
                problems.push(ProblemCode::SessionRequired);
            }
            Self::AdminExceptOwn => problems.push(ProblemCode::OwnAccount),
            Self::Probe | Self::Public | Self::Role(_) | Self::OwnOrAdmin => {}
        }
        problems
    }
}
