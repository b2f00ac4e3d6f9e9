//! `GET /tasks` and `GET /incidents/{id}/tasks`: lists of tasks.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use incident_application::{
    kernel::{Principal, QueryError},
    work::{NamedTask, TaskSelection},
};
use incident_domain::{
    incidents::IncidentNumberError,
    kernel::{ListCursor, PageRequest},
    work::{CategoryName, TaskFilter, TaskSort, ViewedList},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    tasks::{OF_INCIDENT, TaskBody, unknown_incident},
    view_conditions::{ViewableParameters, ViewableQuery},
};
use crate::{
    app_state::AppState,
    incidents::{IncidentInPath, incident_ref},
    operation::{Access, Routes, get},
    problem::Validation,
    request::{PageParameters, Parameters, QueryContext, names, time_range, user},
    response::{Fields, ListBody, Members, Resource, Response, members_of},
};

const PAGE: &str = "A page of tasks; with `fields`, only some members of them.";

/// Which tasks, and their order. Conditions are joined by "and"; several values of one condition, separated by commas,
/// by "or".
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Statuses.
    #[param(example = "todo,in_progress")]
    status: Option<String>,
    /// Priorities.
    #[param(example = "critical,high")]
    priority: Option<String>,
    /// The id or number of their incident.
    #[param(example = "INC-1042")]
    incident: Option<String>,
    /// The name of the category; upper and lower case are the same.
    category: Option<String>,
    /// The assignee's id.
    #[param(format = "uuid")]
    assigned_to: Option<String>,
    /// The id of the user who created them.
    #[param(format = "uuid")]
    created_by: Option<String>,
    /// Due at this time or later (RFC 3339).
    #[param(value_type = Option<DateTime<Utc>>)]
    due_since: Option<String>,
    /// Due before this time (RFC 3339).
    #[param(value_type = Option<DateTime<Utc>>)]
    due_until: Option<String>,
    /// The id of one of your saved views, whose conditions apply where you give none.
    #[param(format = "uuid")]
    #[expect(dead_code, reason = "documented here, and read before the other parameters")]
    view: Option<String>,
    /// `created_at`, `updated_at`, `due_at` or `priority`; a leading `-` reverses the order. The default is
    /// `-created_at`. By `due_at`, tasks without it come last.
    #[param(example = "due_at")]
    sort: Option<String>,
    /// The members to show of each task, besides its id.
    #[param(example = "title,status")]
    fields: Option<String>,
}

/// Which tasks of the incident, and their order. `/tasks` has more conditions.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfIncidentQuery {
    /// Statuses.
    #[param(example = "todo,in_progress")]
    status: Option<String>,
    /// `created_at`, `updated_at`, `due_at` or `priority`; a leading `-` reverses the order. The default is
    /// `-created_at`.
    #[param(example = "due_at")]
    sort: Option<String>,
    /// The members to show of each task, besides its id.
    #[param(example = "title,status")]
    fields: Option<String>,
}

pub(super) type TaskListQuery = (ListQuery, PageParameters);

static MEMBERS: Members = LazyLock::new(members_of::<TaskBody>);

/// The list to show.
struct List {
    selection: TaskSelection,
    sort: TaskSort,
    request: PageRequest<ListCursor>,
    fields: Option<Fields>,
}

fn parse(query: &ListQuery, page: &PageParameters, validation: &mut Validation) -> Option<List> {
    let statuses = names(validation, "?status", query.status.as_deref());
    let priorities = names(validation, "?priority", query.priority.as_deref());
    let incident = validation
        .check_optional("?incident", query.incident.as_deref(), |text| incident_ref(text).ok_or(IncidentNumberError));
    let category = validation.check_optional("?category", query.category.as_deref(), CategoryName::parse);
    let assigned_to = user(validation, "?assigned_to", query.assigned_to.as_deref());
    let created_by = user(validation, "?created_by", query.created_by.as_deref());
    let due = time_range(validation, "due", query.due_since.as_deref(), query.due_until.as_deref());
    let sorted = page.sorted(query.sort.as_deref(), validation);
    let fields = Fields::parse(query.fields.as_deref(), &MEMBERS, validation);
    let (sort, request) = sorted?;
    let (statuses, priorities) = (statuses?, priorities?);
    let filter = TaskFilter { statuses, priorities, assigned_to, created_by, due, ..TaskFilter::default() };
    Some(List { selection: TaskSelection { filter, incident, category }, sort, request, fields })
}

impl ViewableQuery for TaskListQuery {
    const LIST: ViewedList = ViewedList::Tasks;

    fn check(&self, validation: &mut Validation) {
        parse(&self.0, &self.1, validation);
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("tasks").operations([
        get(OF_INCIDENT, Access::VIEWER, list_of_incident)
            .documented("list_incident_tasks", "List the tasks of an incident.")
            .returns_page_with_fields::<TaskBody>(PAGE),
        get(NamedTask::PATH, Access::VIEWER, list)
            .documented("list_tasks", "List tasks.")
            .returns_page_with_fields::<TaskBody>(PAGE),
    ])
}

async fn list(context: QueryContext, parameters: ViewableParameters<TaskListQuery>) -> Response {
    let (query, page) = parameters.read(&context.state, &context.caller).await?;
    let mut validation = Validation::default();
    let list = parse(&query, &page, &mut validation);
    respond(&context.state, &context.caller, validation.finish(list)?)
        .await
        .map_err(|error| unknown_incident("?incident", error.into()))
}

async fn list_of_incident(
    context: QueryContext,
    IncidentInPath(incident): IncidentInPath,
    Parameters((query, page)): Parameters<(OfIncidentQuery, PageParameters)>,
) -> Response {
    let OfIncidentQuery { status, sort, fields } = query;
    let mut validation = Validation::default();
    let list = parse(&ListQuery { status, sort, fields, ..ListQuery::default() }, &page, &mut validation);
    let mut list = validation.finish(list)?;
    list.selection.incident = Some(incident);
    Ok(respond(&context.state, &context.caller, list).await?)
}

async fn respond(state: &AppState, caller: &Principal, list: List) -> Result<HttpResponse, QueryError> {
    let List { selection, sort, request, fields } = list;
    let page = state.tasks.list(caller, &selection, sort, request.clone()).await?;
    let cursor_of = |named: &NamedTask| sort.cursor_of(&named.task, named.task.id.as_uuid()).to_string();
    Ok(ListBody::respond(page, &request, cursor_of, |named| Fields::of(fields.as_ref(), TaskBody::from(named))))
}
