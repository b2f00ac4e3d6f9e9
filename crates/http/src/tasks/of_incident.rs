//! `GET` and `POST /incidents/{id}/tasks`: what is to be done for an incident.

use actix_web::{HttpResponse, web::Data};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    body::{TaskBody, created},
    create::TaskFields,
    list::{ListQuery, page},
};
use crate::{
    list::ListBody,
    names,
    problem::{BodyProblems, LookUpProblems, Problem, ProblemBody, SignedInProblems, Validation},
    request::{Body, Commander, IncidentPath, Parameters, SignedIn},
    services::Services,
};

/// The task to be made for the incident.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateIncidentTask)]
pub(crate) struct CreateBody {
    #[schema(min_length = 1, max_length = 200, example = "call the provider")]
    title: String,
    #[schema(min_length = 1, max_length = 20_000)]
    description: Option<String>,
    /// `medium` if not given.
    #[schema(value_type = Option<names::PriorityName>)]
    priority: Option<String>,
    /// The name of a category, which is made if there is none; upper and lower case are the same.
    #[schema(min_length = 1, max_length = 128, example = "Communication")]
    category: Option<String>,
    /// Yourself, or anyone if you are a manager.
    assigned_to: Option<Uuid>,
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    due_at: Option<String>,
}

impl From<CreateBody> for TaskFields {
    fn from(body: CreateBody) -> Self {
        let CreateBody { title, description, priority, category, assigned_to, due_at } = body;
        Self { title, description, priority, category, assigned_to, due_at }
    }
}

/// Make a task for an incident, whose timeline tells of it.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/tasks",
    tag = "tasks",
    operation_id = "create_incident_task",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The incident's id or number.", example = "INC-1042")),
    request_body = CreateBody,
    responses(
        (status = 201, description = "The new task.", body = TaskBody, headers(
            ("ETag" = String, description = "Its version and its category's; for `If-Match`, which looks at its own."),
            ("Location" = String, description = "Its path."),
        )),
        SignedInProblems,
        LookUpProblems,
        BodyProblems,
    )
)]
pub(crate) async fn create(
    services: Data<Services>,
    commander: Commander,
    IncidentPath(incident): IncidentPath,
    Body(body): Body<CreateBody>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    let new = TaskFields::from(body).parse(Some(incident), &mut check);
    let new = check.finish(|| new)?;
    commander.give(&services, created, async |command| services.tasks.create(command, new).await).await
}

/// Which of the incident's tasks, in which order, and which page of them. `/tasks` knows more conditions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfIncidentQuery {
    /// Statuses.
    #[param(example = "todo,in_progress")]
    status: Option<String>,
    /// `created_at`, `updated_at`, `due_at` or `priority`, with a `-` before it for the other way round;
    /// `-created_at` if not given.
    #[param(example = "due_at")]
    sort: Option<String>,
    /// The members to show of each task, besides its id.
    #[param(example = "title,status")]
    fields: Option<String>,
    /// The page, from 1; the answer counts all.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    page: Option<String>,
    /// How many to a page, from 1 to 200; 50 if not given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    page_size: Option<String>,
    /// Instead of `page`: the `next_cursor` of the last answer, or empty to start. Counts nothing, and
    /// costs the same at any depth.
    cursor: Option<String>,
}

impl From<OfIncidentQuery> for ListQuery {
    fn from(query: OfIncidentQuery) -> Self {
        let OfIncidentQuery { status, sort, fields, page, page_size, cursor } = query;
        Self { status, sort, fields, page, page_size, cursor, ..Self::default() }
    }
}

/// List the tasks for an incident.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/tasks",
    tag = "tasks",
    operation_id = "list_incident_tasks",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The incident's id or number.", example = "INC-1042"), OfIncidentQuery),
    responses(
        (status = 200, description = "A page of tasks; with `fields`, of parts of them.", body = ListBody<TaskBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn list(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    IncidentPath(incident): IncidentPath,
    Parameters(query): Parameters<OfIncidentQuery>,
) -> Result<HttpResponse, Problem> {
    let mut asked = ListQuery::from(query).validate()?;
    asked.selection.incident = Some(incident);
    Ok(page(&services, &caller, &asked).await?)
}
