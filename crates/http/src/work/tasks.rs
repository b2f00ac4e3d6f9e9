//! `/tasks` and `/tasks/{id}`: creating, reading, changing and deleting tasks, alone or of an incident.

use actix_web::http::header::EntityTag;
use chrono::{DateTime, Utc};
use incident_application::{
    incidents::IncidentRef,
    kernel::CommandError,
    work::{NamedTask, NewTask, TaskChange, TaskRule},
};
use incident_domain::{
    incidents::{IncidentNumberError, Priority},
    kernel::{Description, Patch, TaskId, Timestamp, Title, UserId},
    work::{CategoryName, Task, TaskStatus},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    enum_schemas::enum_schemas,
    incidents::{IncidentInPath, PriorityName, incident_ref},
    operation::{Access, Routes, delete, get, patch, post},
    problem::{Problem, ProblemCode, Validate, Validation},
    request::{Body, CommandContext, Id, IfMatch, IfNoneMatch, PatchBody, PatchField, QueryContext, time},
    response::{PathId, Resource, Response, changed, created, etag_with},
    shown::body_of,
};

const ONE: &str = "/api/v1/tasks/{id}";
pub(super) const OF_INCIDENT: &str = "/api/v1/incidents/{id}/tasks";

enum_schemas! {
    TaskStatusName = TaskStatus, "TaskStatus", "The status of a task.";
}

impl PathId for TaskId {}

impl Resource for NamedTask {
    type Record = Task;
    type Body = TaskBody;
    const PATH: &'static str = "/api/v1/tasks";
    const ETAG: &'static str = "Its version and its category's; `If-Match` compares its own version only.";

    fn record(&self) -> &Task {
        &self.task
    }

    /// Includes the category's version, because the task shows the category's name, which changes without the task.
    fn etag(&self) -> EntityTag {
        etag_with(self.task.version, self.category.as_ref().map(|category| category.version))
    }
}

body_of! {
    /// A task.
    #[schema(as = Task)]
    pub(crate) struct TaskBody from task: Task {
        id: Uuid,
        /// Its incident, if it has one.
        incident_id: Option<Uuid>,
        #[schema(example = "call the provider")]
        title: String,
        description: Option<String>,
        status: TaskStatusName,
        priority: PriorityName,
        /// The name of its category.
        #[schema(example = "Communication")]
        category: Option<String> = None,
        assigned_to: Option<Uuid>,
        due_at: Option<DateTime<Utc>>,
        created_by: Uuid,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
        /// Counts its changes.
        version: u32,
        /// The statuses that the state machine allows next.
        allowed_transitions: Vec<TaskStatusName> = task.status.allowed().map(TaskStatusName::from).collect(),
    }
}

impl From<NamedTask> for TaskBody {
    fn from(NamedTask { task, category }: NamedTask) -> Self {
        Self { category: category.map(|category| category.name.to_string()), ..Self::from(task) }
    }
}

/// The task to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateTask)]
struct CreateBody {
    /// The id or number of its incident.
    #[schema(example = "INC-1042")]
    incident_id: Option<String>,
    #[schema(min_length = 1, max_length = 200, example = "call the provider")]
    title: String,
    #[schema(min_length = 1, max_length = 20_000)]
    description: Option<String>,
    /// The default is `medium`.
    priority: Option<PriorityName>,
    /// The name of a category, which is created if it does not exist; upper and lower case are the same.
    #[schema(min_length = 1, max_length = 128, example = "Communication")]
    category: Option<String>,
    /// Yourself, or anyone if you are a manager.
    assigned_to: Option<Uuid>,
    #[schema(value_type = Option<DateTime<Utc>>)]
    due_at: Option<String>,
}

/// The task to create for the incident.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateIncidentTask)]
struct CreateOfIncidentBody {
    #[schema(min_length = 1, max_length = 200, example = "call the provider")]
    title: String,
    #[schema(min_length = 1, max_length = 20_000)]
    description: Option<String>,
    /// The default is `medium`.
    priority: Option<PriorityName>,
    /// The name of a category, which is created if it does not exist; upper and lower case are the same.
    #[schema(min_length = 1, max_length = 128, example = "Communication")]
    category: Option<String>,
    /// Yourself, or anyone if you are a manager.
    assigned_to: Option<Uuid>,
    #[schema(value_type = Option<DateTime<Utc>>)]
    due_at: Option<String>,
}

impl Validate for CreateBody {
    type Valid = NewTask;

    fn validate(self, validation: &mut Validation) -> Option<NewTask> {
        let Self { incident_id, title, description, priority, category, assigned_to, due_at } = self;
        let incident = validation.check_optional("/incident_id", incident_id, parse_incident);
        let task = CreateOfIncidentBody { title, description, priority, category, assigned_to, due_at };
        Some(NewTask { incident, ..task.validate(validation)? })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it parses a member of a body, which is owned")]
fn parse_incident(text: String) -> Result<IncidentRef, IncidentNumberError> {
    incident_ref(&text).ok_or(IncidentNumberError)
}

impl Validate for CreateOfIncidentBody {
    type Valid = NewTask;

    fn validate(self, validation: &mut Validation) -> Option<NewTask> {
        let title = validation.check("/title", Title::parse(self.title));
        let description = validation.check_optional("/description", self.description, Description::parse);
        let priority = validation.check_optional("/priority", self.priority, |name| name.parse::<Priority>());
        let category = validation.check_optional("/category", self.category, CategoryName::parse);
        let due_at = time(validation, "/due_at", self.due_at.as_deref());
        Some(NewTask {
            incident: None,
            title: title?,
            description,
            priority: priority.unwrap_or(Priority::Medium),
            category,
            assigned_to: self.assigned_to.map(UserId::new),
            due_at,
        })
    }
}

/// The fields to change. Absent fields stay; `null` clears a field that may be empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchTask, min_properties = 1)]
struct ChangeBody {
    #[schema(value_type = String, min_length = 1, max_length = 200, required = false)]
    title: PatchField<String>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    description: PatchField<String>,
    /// The new status: one of the task's `allowed_transitions`.
    #[schema(value_type = TaskStatusName, example = "in_progress", required = false)]
    status: PatchField<String>,
    #[schema(value_type = PriorityName, required = false)]
    priority: PatchField<String>,
    /// The name of a category, which is created if it does not exist; upper and lower case are the same.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    category: PatchField<String>,
    /// A user, or `null` for none.
    #[schema(value_type = Option<Uuid>)]
    assigned_to: PatchField<Uuid>,
    #[schema(value_type = Option<DateTime<Utc>>)]
    due_at: PatchField<String>,
}

impl Validate for ChangeBody {
    type Valid = TaskChange;

    fn validate(self, validation: &mut Validation) -> Option<TaskChange> {
        Some(TaskChange {
            title: self.title.required(validation, "/title", Title::parse),
            description: self.description.nullable(validation, "/description", Description::parse),
            status: self.status.required(validation, "/status", |name| name.parse::<TaskStatus>()),
            priority: self.priority.required(validation, "/priority", |name| name.parse::<Priority>()),
            category: self.category.nullable(validation, "/category", CategoryName::parse),
            assigned_to: self.assigned_to.0.map(UserId::new),
            due_at: due_at(self.due_at.0, validation),
        })
    }
}

fn due_at(field: Patch<String>, validation: &mut Validation) -> Patch<Timestamp> {
    match field {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(text) => time(validation, "/due_at", Some(&text)).map_or(Patch::Keep, Patch::Set),
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("tasks")
        .described("Tasks, alone or of an incident.")
        .examples(include_str!("tasks.json"))
        .operations([
            post(OF_INCIDENT, Access::RESPONDER, create_of_incident)
                .documented("create_incident_task", "Create a task of an incident.")
                .details("The incident's timeline gets an entry.")
                .creates::<NamedTask>(),
            post(NamedTask::PATH, Access::RESPONDER, create)
                .documented("create_task", "Create a task, alone or of an incident.")
                .details("The incident's timeline gets an entry.")
                .creates::<NamedTask>(),
            get(ONE, Access::VIEWER, read).documented("get_task", "Read a task.").returns_record::<NamedTask>(),
            patch(ONE, Access::RESPONDER, change)
                .documented("change_task", "Change fields of a task, its status, or both.")
                .details(
                    "All changes are made or none. Values equal to the stored ones change nothing. The timeline of the \
                     task's incident gets an entry for each change.",
                )
                .changes::<NamedTask>()
                .problems(&[ProblemCode::TransitionRefused]),
            delete(ONE, Access::MANAGER, remove)
                .documented("delete_task", "Delete a task.")
                .details("The timeline of its incident, the audit and the events remain.")
                .returns_nothing("The task is deleted."),
        ])
}

async fn create(command: CommandContext, Body(new): Body<CreateBody>) -> Response {
    let unknown_incident = |error| match error {
        CommandError::Rule(TaskRule::UnknownIncident) => unknown_incident("/incident_id"),
        error => error.into(),
    };
    command
        .execute(created, async |state, command| state.tasks.create(command, new).await.map_err(unknown_incident))
        .await
}

async fn create_of_incident(
    command: CommandContext,
    IncidentInPath(incident): IncidentInPath,
    Body(new): Body<CreateOfIncidentBody>,
) -> Response {
    let new = NewTask { incident: Some(incident), ..new };
    command.execute(created, async |state, command| state.tasks.create(command, new).await).await
}

async fn read(context: QueryContext, Id(task): Id<TaskId>, if_none_match: IfNoneMatch) -> Response {
    Ok(if_none_match.respond(context.state.tasks.get(&context.caller, task).await?))
}

async fn change(
    command: CommandContext,
    Id(task): Id<TaskId>,
    IfMatch(precondition): IfMatch<2>,
    PatchBody(change): PatchBody<ChangeBody>,
) -> Response {
    command
        .execute(changed, async |state, command| state.tasks.change(command, task, &change, &precondition).await)
        .await
}

async fn remove(command: CommandContext, Id(task): Id<TaskId>, IfMatch(precondition): IfMatch<2>) -> Response {
    command.execute_no_content(async |state, command| state.tasks.delete(command, task, &precondition).await).await
}

/// The problem if the value at the pointer names an incident that does not exist.
pub(super) fn unknown_incident(pointer: &str) -> Problem {
    Problem::invalid_value(pointer, "unknown_incident", "there is no such incident")
}
