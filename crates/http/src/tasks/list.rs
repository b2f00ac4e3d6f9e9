//! `GET /tasks`: tasks in pages.

use std::sync::LazyLock;

use actix_web::{HttpResponse, web::Data};
use incident_application::{Caller, NamedTask, QueryError, TaskSelection};
use incident_domain::{CategoryName, IncidentNumberError, ListCursor, PageRequest, TaskFilter, TaskSort, ViewedList};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use super::body::TaskBody;
use crate::{
    list::{Fields, ListBody, ListConditions, Members, members_of, with_view},
    problem::{Problem, ProblemBody, SignedInProblems, Validation},
    request::{Parameters, SignedIn, incident_ref, names, sorted_page_request, time_range, user},
    services::Services,
};

/// Which tasks, in which order, and which page of them. Conditions are joined by "and"; several values of one
/// condition, separated by commas, by "or".
#[derive(Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Statuses.
    #[param(example = "todo,in_progress")]
    pub(super) status: Option<String>,
    /// Priorities.
    #[param(example = "critical,high")]
    pub(super) priority: Option<String>,
    /// The id or number of the incident they are for.
    #[param(example = "INC-1042")]
    pub(super) incident: Option<String>,
    /// The name of the category; upper and lower case are the same.
    pub(super) category: Option<String>,
    /// The assignee's id.
    #[param(format = "uuid")]
    pub(super) assigned_to: Option<String>,
    /// The id of the user who made them.
    #[param(format = "uuid")]
    pub(super) created_by: Option<String>,
    /// Due at this time or later (RFC 3339).
    #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub(super) due_since: Option<String>,
    /// Due before this time (RFC 3339).
    #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub(super) due_until: Option<String>,
    /// The id of one of your saved views, whose conditions hold where you give none.
    #[param(format = "uuid")]
    pub(super) view: Option<String>,
    /// `created_at`, `updated_at`, `due_at` or `priority`, with a `-` before it for the other way round;
    /// `-created_at` if not given. Those that are never due come last by `due_at`.
    #[param(example = "due_at")]
    pub(super) sort: Option<String>,
    /// The members to show of each task, besides its id.
    #[param(example = "title,status")]
    pub(super) fields: Option<String>,
    /// The page, from 1; the answer counts all.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    pub(super) page: Option<String>,
    /// How many to a page, from 1 to 200; 50 if not given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub(super) page_size: Option<String>,
    /// Instead of `page`: the `next_cursor` of the last answer, or empty to start. Counts nothing, and
    /// costs the same at any depth.
    pub(super) cursor: Option<String>,
}

static MEMBERS: Members = LazyLock::new(members_of::<TaskBody>);

/// What is asked for, checked.
pub(super) struct Asked {
    pub(super) selection: TaskSelection,
    sort: TaskSort,
    page: PageRequest<ListCursor>,
    fields: Option<Fields>,
}

impl ListQuery {
    pub(super) fn validate(&self) -> Result<Asked, Problem> {
        let mut check = Validation::new();
        let asked = self.parse(&mut check);
        check.finish(|| asked)
    }

    fn parse(&self, check: &mut Validation) -> Option<Asked> {
        let statuses = names(check, "?status", self.status.as_deref());
        let priorities = names(check, "?priority", self.priority.as_deref());
        let incident = check
            .take_some("?incident", self.incident.as_deref(), |text| incident_ref(text).ok_or(IncidentNumberError));
        let category = check.take_some("?category", self.category.as_deref(), CategoryName::parse);
        let assigned_to = user(check, "?assigned_to", self.assigned_to.as_deref());
        let created_by = user(check, "?created_by", self.created_by.as_deref());
        let due = time_range(check, "due", self.due_since.as_deref(), self.due_until.as_deref());
        let (page, size, cursor) = (self.page.as_deref(), self.page_size.as_deref(), self.cursor.as_deref());
        let sorted = sorted_page_request(self.sort.as_deref(), page, size, cursor, check);
        let fields = Fields::parse(self.fields.as_deref(), &MEMBERS, check);
        let (sort, page) = sorted?;
        let (statuses, priorities) = (statuses?, priorities?);
        let filter = TaskFilter { statuses, priorities, assigned_to, created_by, due, ..TaskFilter::default() };
        Some(Asked { selection: TaskSelection { filter, incident, category }, sort, page, fields })
    }
}

impl ListConditions for ListQuery {
    const LIST: ViewedList = ViewedList::Tasks;

    fn view(&self) -> Option<&str> {
        self.view.as_deref()
    }

    fn check(&self, check: &mut Validation) {
        self.parse(check);
    }
}

/// The page that is asked for.
pub(super) async fn page(services: &Services, caller: &Caller, asked: &Asked) -> Result<HttpResponse, QueryError> {
    let Asked { selection, sort, page: wanted, fields } = asked;
    let page = services.tasks.list(caller, selection, *sort, wanted.clone()).await?;
    let place = |named: &NamedTask| sort.cursor_of(&named.task, named.task.id.as_uuid()).to_string();
    let shown = |named| Fields::of(fields.as_ref(), TaskBody::from(named));
    Ok(HttpResponse::Ok().json(ListBody::new(page, wanted, place, shown)))
}

/// List tasks.
#[utoipa::path(
    get,
    path = "/api/v1/tasks",
    tag = "tasks",
    operation_id = "list_tasks",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, description = "A page of tasks; with `fields`, of parts of them.", body = ListBody<TaskBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let asked = with_view(&services, &caller, query).await?.validate()?;
    page(&services, &caller, &asked).await.map_err(|error| match error {
        QueryError::NotFound(_) => Problem::invalid_value("?incident", "unknown_incident", "there is no such incident"),
        error => error.into(),
    })
}
