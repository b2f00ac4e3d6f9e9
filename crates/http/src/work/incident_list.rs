//! `GET /incidents`: the list of incidents.

use std::sync::LazyLock;

use incident_application::work::{IncidentParts, IncidentWithParts};
use incident_domain::{
    incidents::{Incident, IncidentFilter, IncidentSort},
    kernel::{ListCursor, PageRequest},
    work::ViewedList,
};
use serde::Deserialize;
use serde_json::value::to_raw_value;
use utoipa::IntoParams;

use super::{
    tasks::TaskBody,
    view_conditions::{ViewableParameters, ViewableQuery},
};
use crate::{
    incidents::{EntryBody, IncidentBody, IncidentConditions, words},
    operation::{Access, Routes, get},
    problem::Validation,
    request::{PageParameters, QueryContext},
    response::{Fields, ListBody, Members, Resource, Response, members_of},
};

/// The words to search for, the order, and what to show of each incident. Conditions are joined by "and"; several values
/// of one condition, separated by commas, by "or".
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Words that the title and description, or one of the comments, must contain; a trailing `*` matches any ending.
    /// Only the newest 10,000 texts that contain them are searched; `/search` orders by relevance.
    #[param(min_length = 1, max_length = 2000, example = "checkout 50*")]
    q: Option<String>,
    /// `created_at`, `opened_at`, `updated_at` or `priority` (critical first); a leading `-` reverses the order. The
    /// default is `-created_at`.
    #[param(example = "-updated_at")]
    sort: Option<String>,
    /// `logs`, `tasks` or both, separated by commas: each incident with the last 100 entries of its timeline, or its
    /// last 100 tasks.
    #[param(example = "logs,tasks")]
    include: Option<String>,
    /// The members to show of each incident, separated by commas, besides its id.
    #[param(example = "number,title,status")]
    fields: Option<String>,
    /// The id of one of your saved views, whose conditions apply where you give none.
    #[param(format = "uuid")]
    #[expect(dead_code, reason = "documented here, and read before the other parameters")]
    view: Option<String>,
}

pub(super) type IncidentListQuery = (IncidentConditions, ListQuery, PageParameters);

static MEMBERS: Members = LazyLock::new(members_of::<IncidentBody>);

/// The list to show.
struct List {
    filter: IncidentFilter,
    sort: IncidentSort,
    request: PageRequest<ListCursor>,
    parts: IncidentParts,
    fields: Option<Fields>,
}

fn parse((conditions, query, page): &IncidentListQuery, validation: &mut Validation) -> Option<List> {
    let filter = conditions.filter(validation);
    let text = words(validation, query.q.as_deref());
    let sorted = page.sorted(query.sort.as_deref(), validation);
    let parts = parts(query.include.as_deref(), validation);
    let fields = Fields::parse(query.fields.as_deref(), &MEMBERS, validation);
    let (sort, request) = sorted?;
    Some(List { filter: IncidentFilter { text, ..filter? }, sort, request, parts, fields })
}

fn parts(include: Option<&str>, validation: &mut Validation) -> IncidentParts {
    let mut parts = IncidentParts::default();
    for part in include.into_iter().flat_map(|include| include.split(',')) {
        match part {
            "logs" => parts.entries = true,
            "tasks" => parts.tasks = true,
            _ => validation.reject("?include", "unknown_value", "must be logs, tasks or both, separated by a comma"),
        }
    }
    parts
}

impl ViewableQuery for IncidentListQuery {
    const LIST: ViewedList = ViewedList::Incidents;

    fn check(&self, validation: &mut Validation) {
        parse(self, validation);
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("incidents").operations([get(Incident::PATH, Access::VIEWER, list)
        .documented("list_incidents", "List incidents.")
        .returns_page_with_fields::<IncidentBody>("A page of incidents; with `fields`, only some members of them.")])
}

async fn list(context: QueryContext, parameters: ViewableParameters<IncidentListQuery>) -> Response {
    let query = parameters.read(&context.state, &context.caller).await?;
    let mut validation = Validation::default();
    let list = parse(&query, &mut validation);
    let List { filter, sort, request, parts, fields } = validation.finish(list)?;
    let cursor_of = |incident: &Incident| sort.cursor_of(incident, incident.id.as_uuid()).to_string();
    let show = |body| Fields::of(fields.as_ref(), body);

    if parts == IncidentParts::default() {
        let page = context.state.incidents.list(&context.caller, &filter, sort, request.clone()).await?;
        return Ok(ListBody::respond(page, &request, cursor_of, |incident| show(IncidentBody::from(incident))));
    }
    let page = context.state.tasks.incidents_with_parts(&context.caller, &filter, sort, request.clone(), parts).await?;
    Ok(ListBody::respond(page, &request, |item| cursor_of(&item.incident), |item| show(with_parts(item))))
}

/// An incident with the parts that `include` names.
fn with_parts(IncidentWithParts { incident, entries, tasks }: IncidentWithParts) -> IncidentBody {
    let logs = entries.map(|entries| entries.into_iter().map(EntryBody::from).collect());
    let tasks = tasks.map(|tasks| tasks.into_iter().map(TaskBody::from).collect::<Vec<_>>());
    let tasks = tasks.and_then(|tasks| to_raw_value(&tasks).ok());
    let mut body = IncidentBody::from(incident);
    body.logs = logs;
    body.tasks = tasks;
    body
}
