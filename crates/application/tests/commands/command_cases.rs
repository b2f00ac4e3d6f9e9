//! The table of all commands: how each is executed, and its action kind in the audit log.

use std::fmt::Debug;

use incident_application::{
    identity::{NewApiToken, NewUser, SessionScope, UserChange},
    incidents::{BulkChange, IncidentChange},
    kernel::{Command, KeyedRequest, Precondition, Principal},
    work::{NewSavedView, NewTask, TaskChange},
};
use incident_domain::{
    catalog::{Links, Service, ServiceId, ServiceKey, ServicePatch, Tier},
    identity::{Email, Password, Role},
    incidents::{Priority, Status},
    kernel::{Label, Note, Patch, Timestamp, Title, Version, ViewFilter},
    work::{CategoryName, TaskStatus, ViewedList},
};

use crate::{
    failure::Failure,
    process::Process,
    world::{PASSWORD, Subjects, id_of, name, new_incident},
};

/// A command of the crate, with fixed arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandCase {
    OpenIncident,
    ChangeIncident,
    CommentIncident,
    DeleteIncident,
    ChangeIncidents,
    CreateTask,
    ChangeTask,
    DeleteTask,
    NameCategory,
    RenameCategory,
    DeleteCategory,
    CreateService,
    ChangeService,
    DeleteService,
    SaveView,
    ChangeView,
    DeleteView,
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
    RunJobAgain,
}

impl CommandCase {
    pub(crate) const ALL: [Self; 28] = [
        Self::OpenIncident,
        Self::ChangeIncident,
        Self::CommentIncident,
        Self::DeleteIncident,
        Self::ChangeIncidents,
        Self::CreateTask,
        Self::ChangeTask,
        Self::DeleteTask,
        Self::NameCategory,
        Self::RenameCategory,
        Self::DeleteCategory,
        Self::CreateService,
        Self::ChangeService,
        Self::DeleteService,
        Self::SaveView,
        Self::ChangeView,
        Self::DeleteView,
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
        Self::RunJobAgain,
    ];

    /// The commands that require a role. Every authenticated user may manage their own saved views.
    pub(crate) fn role_restricted() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|case| !matches!(case, Self::SaveView | Self::ChangeView | Self::DeleteView))
    }

    /// Executes the command and returns its outcome through [`encode`]. The reply is kept if there is a request.
    #[expect(clippy::too_many_lines, reason = "it is a table of the commands")]
    pub(crate) async fn execute(
        self,
        process: &Process,
        on: &Subjects,
        request: Option<&KeyedRequest>,
    ) -> Result<Vec<u8>, Failure> {
        let Process { incidents, tasks, categories, records, views, accounts, auth, jobs, .. } = process;
        let (caller, none) = (&on.caller, Precondition::None);
        Ok(match self {
            Self::OpenIncident => encode(&incidents.open(keyed(process, caller, request), new_incident()).await?),
            Self::ChangeIncident => {
                let change = IncidentChange { status: Some(Status::Investigating), ..IncidentChange::default() };
                encode(&incidents.change(keyed(process, caller, request), on.incident, &change, &none).await?)
            }
            Self::CommentIncident => {
                let text = Note::parse("hello").expect("a remark");
                encode(&incidents.comment(keyed(process, caller, request), on.incident, &text).await?)
            }
            Self::DeleteIncident => {
                incidents.delete(keyed(process, caller, request), on.incident, &none).await?;
                encode(&())
            }
            Self::ChangeIncidents => {
                let change = IncidentChange { status: Some(Status::Investigating), ..IncidentChange::default() };
                let change = BulkChange { change, ..BulkChange::default() };
                encode(&incidents.change_many(keyed(process, caller, request), &[on.incident], &change).await?)
            }
            Self::CreateTask => encode(&tasks.create(keyed(process, caller, request), new_task()).await?),
            Self::ChangeTask => {
                let change = TaskChange { status: Some(TaskStatus::InProgress), ..TaskChange::default() };
                encode(&tasks.change(keyed(process, caller, request), on.task, &change, &none).await?)
            }
            Self::DeleteTask => {
                tasks.delete(keyed(process, caller, request), on.task, &none).await?;
                encode(&())
            }
            Self::NameCategory => encode(&categories.name(keyed(process, caller, request), category("Letters")).await?),
            Self::RenameCategory => {
                let command = keyed(process, caller, request);
                encode(&categories.rename(command, on.category, category("Phone"), &none).await?)
            }
            Self::DeleteCategory => {
                categories.delete(keyed(process, caller, request), on.category, &none).await?;
                encode(&())
            }
            Self::CreateService => {
                let make = |id, now| service("search", id, now);
                encode(&records.create(keyed(process, caller, request), make).await?)
            }
            Self::ChangeService => {
                let patch = ServicePatch { tier: Patch::Set(Tier::One), ..ServicePatch::default() };
                let change = |service: &Service, now| service.patched(&patch, now);
                encode(&records.change(keyed(process, caller, request), on.service, &none, change).await?)
            }
            Self::DeleteService => {
                records.delete::<Service>(keyed(process, caller, request), on.service, &none).await?;
                encode(&())
            }
            Self::SaveView => encode(&views.save(keyed(process, caller, request), new_view("another")).await?),
            Self::ChangeView => {
                let name = Some(Label::parse("Open warnings").expect("a name"));
                encode(&views.change(keyed(process, caller, request), on.view, name, None, &none).await?)
            }
            Self::DeleteView => {
                views.delete(keyed(process, caller, request), on.view, &none).await?;
                encode(&())
            }
            Self::CreateUser => encode(&accounts.create(keyed(process, caller, request), new_user()).await?),
            Self::UpdateUser => {
                let change = UserChange { name: Some(name("Grace")), ..UserChange::default() };
                encode(&accounts.update(keyed(process, caller, request), on.other, change, &none).await?)
            }
            Self::RenameSelf => {
                encode(&accounts.rename_self(keyed(process, caller, request), name("Grace"), &none).await?)
            }
            Self::DeleteUser => {
                accounts.delete(keyed(process, caller, request), on.other, &none).await?;
                encode(&())
            }
            Self::SignOut => {
                auth.sign_out(keyed(process, caller, request)).await?;
                encode(&())
            }
            Self::EndSession => {
                auth.end_session(keyed(process, caller, request), on.other, on.session).await?;
                encode(&())
            }
            Self::EndSessions => {
                auth.end_sessions(keyed(process, caller, request), on.other, SessionScope::All).await?;
                encode(&())
            }
            Self::CreateApiToken => {
                encode(&auth.create_api_token(keyed(process, caller, request), new_api_token()).await?)
            }
            Self::RevokeApiToken => {
                auth.revoke_api_token(keyed(process, caller, request), on.other, on.token).await?;
                encode(&())
            }
            Self::ChangePassword => {
                let command = keyed(process, caller, request);
                auth.change_password(command, PASSWORD.to_owned(), new_password()).await?;
                encode(&())
            }
            Self::RunJobAgain => encode(&jobs.run_again(keyed(process, caller, request), on.job, &none).await?),
        })
    }

    /// Whether the command concerns the caller's own account and therefore needs a session, not an API token.
    pub(crate) const fn needs_session(self) -> bool {
        matches!(self, Self::RenameSelf | Self::SignOut | Self::CreateApiToken | Self::ChangePassword)
    }

    /// The kind of the action in the audit log.
    pub(crate) const fn action_kind(self) -> &'static str {
        match self {
            Self::OpenIncident => "incident.open",
            Self::ChangeIncident | Self::ChangeIncidents => "incident.transition",
            Self::CommentIncident => "incident.comment",
            Self::DeleteIncident => "incident.delete",
            Self::CreateTask => "task.create",
            Self::ChangeTask => "task.transition",
            Self::DeleteTask => "task.delete",
            Self::NameCategory => "category.create",
            Self::RenameCategory => "category.rename",
            Self::DeleteCategory => "category.delete",
            Self::CreateService => "service.create",
            Self::ChangeService => "service.update",
            Self::DeleteService => "service.delete",
            Self::SaveView => "saved_view.create",
            Self::ChangeView => "saved_view.update",
            Self::DeleteView => "saved_view.delete",
            Self::CreateUser => "user.create",
            Self::UpdateUser | Self::RenameSelf => "user.update",
            Self::DeleteUser => "user.delete",
            Self::SignOut | Self::EndSession | Self::EndSessions => "session.revoke",
            Self::CreateApiToken => "api_token.create",
            Self::RevokeApiToken => "api_token.revoke",
            Self::ChangePassword => "user.change_password",
            Self::RunJobAgain => "job.run_again",
        }
    }

    /// The target of the action in the audit log, for a caller without a session.
    pub(crate) fn target(self, on: &Subjects) -> String {
        match self {
            Self::OpenIncident | Self::ChangeIncidents => "incidents".to_owned(),
            Self::CreateTask => "tasks".to_owned(),
            Self::ChangeTask | Self::DeleteTask => format!("task:{}", on.task),
            Self::NameCategory => "categories".to_owned(),
            Self::RenameCategory | Self::DeleteCategory => format!("category:{}", on.category),
            Self::CreateService => "services".to_owned(),
            Self::ChangeService | Self::DeleteService => format!("service:{}", on.service),
            Self::SaveView => "saved_views".to_owned(),
            Self::ChangeView | Self::DeleteView => format!("saved_view:{}", on.view),
            Self::ChangeIncident | Self::CommentIncident | Self::DeleteIncident => on.incident.to_string(),
            Self::CreateUser => "users".to_owned(),
            Self::UpdateUser | Self::DeleteUser | Self::EndSessions => format!("user:{}", on.other),
            Self::RenameSelf | Self::ChangePassword => format!("user:{}", id_of(&on.caller)),
            Self::SignOut => "sessions".to_owned(),
            Self::EndSession => format!("session:{}", on.session),
            Self::CreateApiToken => "api_tokens".to_owned(),
            Self::RevokeApiToken => format!("api_token:{}", on.token),
            Self::RunJobAgain => format!("job:{}", on.job),
        }
    }
}

/// Encodes the outcome of a command as its reply.
pub(crate) fn encode<T: Debug>(outcome: &T) -> Vec<u8> {
    format!("{outcome:?}").into_bytes()
}

/// Builds a command of this caller whose reply is kept if there is a request.
pub(crate) fn keyed<'a, T: Debug>(
    process: &'a Process,
    caller: &'a Principal,
    request: Option<&'a KeyedRequest>,
) -> Command<'a, T> {
    match request {
        Some(request) => Command::keeping_reply(caller, &process.replies, request, &encode),
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

pub(crate) fn new_task() -> NewTask {
    NewTask {
        incident: None,
        title: Title::parse("call the provider").expect("a title"),
        description: None,
        priority: Priority::High,
        category: None,
        assigned_to: None,
        due_at: None,
    }
}

pub(crate) fn category(name: &str) -> CategoryName {
    CategoryName::parse(name).expect("a name")
}

pub(crate) fn service(key: &str, id: ServiceId, now: Timestamp) -> Service {
    Service {
        id,
        key: ServiceKey::parse(key).expect("a key"),
        name: Label::parse("Payments").expect("a name"),
        description: None,
        tier: None,
        links: Links::default(),
        created_at: now,
        updated_at: now,
        version: Version::FIRST,
    }
}

pub(crate) fn new_view(name: &str) -> NewSavedView {
    let filter = ViewFilter::parse(r#"{"status":"todo"}"#).expect("conditions");
    NewSavedView { name: Label::parse(name).expect("a name"), list: ViewedList::Tasks, filter }
}
