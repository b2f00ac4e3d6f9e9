//! The table of all commands: how each is given, and what the audit calls it.

use std::fmt::Debug;

use incident_application::{
    AccountError, AuthError, Caller, Command, IncidentChange, IncidentError, KeyedRequest, NewApiToken, NewUser,
    Precondition, ReplyError, SessionScope, UserChange,
};
use incident_domain::{
    Email, Label, Note, Password, Role, Status,
    ports::{Conflict, UniqueKey},
};

use crate::{
    process::Process,
    world::{PASSWORD, Subjects, name, new_incident},
};

/// What a caller wants done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    OpenIncident,
    ChangeIncident,
    CommentIncident,
    DeleteIncident,
    CreateUser,
    UpdateUser,
    RenameSelf,
    DeleteUser,
    SignOut,
    EndSession,
    EndSessions,
    CreateApiToken,
    RevokeApiToken,
    ChangePassword,
}

/// Why it was not.
#[derive(Debug)]
pub(crate) enum Failure {
    Incident(IncidentError),
    Account(AccountError),
    Auth(AuthError),
    Reply(ReplyError),
}

impl What {
    pub(crate) const ALL: [Self; 14] = [
        Self::OpenIncident,
        Self::ChangeIncident,
        Self::CommentIncident,
        Self::DeleteIncident,
        Self::CreateUser,
        Self::UpdateUser,
        Self::RenameSelf,
        Self::DeleteUser,
        Self::SignOut,
        Self::EndSession,
        Self::EndSessions,
        Self::CreateApiToken,
        Self::RevokeApiToken,
        Self::ChangePassword,
    ];

    /// Gives the command. The answer is what [`shown`] makes of the outcome, which is kept if there is a request.
    pub(crate) async fn give(
        self,
        process: &Process,
        on: &Subjects,
        request: Option<&KeyedRequest>,
    ) -> Result<Vec<u8>, Failure> {
        let Process { incidents, accounts, auth, .. } = process;
        let (caller, none) = (&on.caller, Precondition::None);
        Ok(match self {
            Self::OpenIncident => shown(&incidents.open(keeping(process, caller, request), new_incident()).await?),
            Self::ChangeIncident => {
                let change = IncidentChange { status: Some(Status::Investigating), ..IncidentChange::default() };
                shown(&incidents.change(keeping(process, caller, request), on.incident, &change, &none).await?)
            }
            Self::CommentIncident => {
                let text = Note::parse("hello").expect("a remark");
                shown(&incidents.comment(keeping(process, caller, request), on.incident, &text).await?)
            }
            Self::DeleteIncident => {
                incidents.delete(keeping(process, caller, request), on.incident, &none).await?;
                shown(&())
            }
            Self::CreateUser => shown(&accounts.create(keeping(process, caller, request), new_user()).await?),
            Self::UpdateUser => {
                let change = UserChange { name: Some(name("Grace")), ..UserChange::default() };
                shown(&accounts.update(keeping(process, caller, request), on.other, change, &none).await?)
            }
            Self::RenameSelf => {
                shown(&accounts.rename_self(keeping(process, caller, request), name("Grace"), &none).await?)
            }
            Self::DeleteUser => {
                accounts.delete(keeping(process, caller, request), on.other, &none).await?;
                shown(&())
            }
            Self::SignOut => {
                auth.sign_out(keeping(process, caller, request)).await?;
                shown(&())
            }
            Self::EndSession => {
                auth.end_session(keeping(process, caller, request), on.other, on.session).await?;
                shown(&())
            }
            Self::EndSessions => {
                auth.end_sessions(keeping(process, caller, request), on.other, SessionScope::All).await?;
                shown(&())
            }
            Self::CreateApiToken => {
                shown(&auth.create_api_token(keeping(process, caller, request), new_api_token()).await?)
            }
            Self::RevokeApiToken => {
                auth.revoke_api_token(keeping(process, caller, request), on.other, on.token).await?;
                shown(&())
            }
            Self::ChangePassword => {
                let command = keeping(process, caller, request);
                auth.change_password(command, PASSWORD.to_owned(), new_password()).await?;
                shown(&())
            }
        })
    }

    /// Whether it concerns the very account of the caller, so that an API token cannot give it.
    pub(crate) const fn needs_session(self) -> bool {
        matches!(self, Self::RenameSelf | Self::SignOut | Self::CreateApiToken | Self::ChangePassword)
    }

    /// What the audit calls it.
    pub(crate) const fn audited(self) -> &'static str {
        match self {
            Self::OpenIncident => "incident.open",
            Self::ChangeIncident => "incident.transition",
            Self::CommentIncident => "incident.comment",
            Self::DeleteIncident => "incident.delete",
            Self::CreateUser => "user.create",
            Self::UpdateUser | Self::RenameSelf => "user.update",
            Self::DeleteUser => "user.delete",
            Self::SignOut | Self::EndSession | Self::EndSessions => "session.revoke",
            Self::CreateApiToken => "api_token.create",
            Self::RevokeApiToken => "api_token.revoke",
            Self::ChangePassword => "user.change_password",
        }
    }

    /// What the audit says that it was to be done to, by a caller who has no session.
    pub(crate) fn target(self, on: &Subjects) -> String {
        match self {
            Self::OpenIncident => "incidents".to_owned(),
            Self::ChangeIncident | Self::CommentIncident | Self::DeleteIncident => on.incident.to_string(),
            Self::CreateUser => "users".to_owned(),
            Self::UpdateUser | Self::DeleteUser | Self::EndSessions => format!("user:{}", on.other),
            Self::RenameSelf | Self::ChangePassword => format!("user:{}", on.caller.user_id),
            Self::SignOut => "sessions".to_owned(),
            Self::EndSession => format!("session:{}", on.session),
            Self::CreateApiToken => "api_tokens".to_owned(),
            Self::RevokeApiToken => format!("api_token:{}", on.token),
        }
    }
}

/// The reply to a command with this outcome.
pub(crate) fn shown<T: Debug>(outcome: &T) -> Vec<u8> {
    format!("{outcome:?}").into_bytes()
}

/// A command of this caller whose reply is kept if there is a request.
pub(crate) fn keeping<'a, T: Debug>(
    process: &'a Process,
    caller: &'a Caller,
    request: Option<&'a KeyedRequest>,
) -> Command<'a, T> {
    match request {
        Some(request) => Command::keeping_reply(caller, &process.replies, request, &shown),
        None => Command::new(caller),
    }
}

pub(crate) fn new_user() -> NewUser {
    NewUser {
        email: Email::parse("grace@example.org").expect("an address"),
        name: name("Grace"),
        role: Role::Responder,
        password: new_password(),
    }
}

pub(crate) fn new_api_token() -> NewApiToken {
    NewApiToken { name: Label::parse("deploy script").expect("a name"), role: Role::Viewer, lifetime_days: 30 }
}

pub(crate) fn new_password() -> Password {
    Password::parse("unlikely pelican orbit").expect("a password")
}

impl Failure {
    /// Whether the same request was answered by somebody else.
    pub(crate) const fn is_key_taken(&self) -> bool {
        const TAKEN: Conflict = Conflict::Duplicate(UniqueKey::IdempotencyKey);
        matches!(
            self,
            Self::Incident(IncidentError::NotStored(TAKEN))
                | Self::Account(AccountError::NotStored(TAKEN))
                | Self::Auth(AuthError::NotStored(TAKEN))
        )
    }

    /// Whether the store did not answer.
    pub(crate) const fn is_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Incident(IncidentError::Unavailable(_))
                | Self::Account(AccountError::Unavailable(_))
                | Self::Auth(AuthError::Unavailable(_))
                | Self::Reply(ReplyError::Unavailable(_))
        )
    }

    /// Whether others changed the same faster than it could be decided.
    pub(crate) const fn is_contended(&self) -> bool {
        matches!(
            self,
            Self::Incident(IncidentError::Contended)
                | Self::Account(AccountError::Contended)
                | Self::Auth(AuthError::Contended)
        )
    }

    /// Whether there is no such caller any more.
    pub(crate) const fn is_of_nobody(&self) -> bool {
        matches!(
            self,
            Self::Incident(IncidentError::CallerGone)
                | Self::Account(AccountError::NotFound | AccountError::Forbidden(_))
                | Self::Auth(AuthError::SessionEnded)
        )
    }

    /// Whether the caller may not do it.
    pub(crate) const fn is_forbidden(&self) -> bool {
        matches!(
            self,
            Self::Incident(IncidentError::Forbidden(_))
                | Self::Account(AccountError::Forbidden(_))
                | Self::Auth(AuthError::Forbidden(_))
        )
    }
}

impl From<IncidentError> for Failure {
    fn from(error: IncidentError) -> Self {
        Self::Incident(error)
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        Self::Account(error)
    }
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl From<ReplyError> for Failure {
    fn from(error: ReplyError) -> Self {
        Self::Reply(error)
    }
}
