//! `GET /incidents`: incidents in pages.

use std::sync::LazyLock;

use actix_web::{HttpResponse, web::Data};
use incident_application::IncidentParts;
use incident_domain::{Incident, IncidentFilter, IncidentSort, ListCursor, PageRequest, ViewedList};

use super::{
    body::IncidentBody,
    conditions::{incident_query, words},
};
use crate::{
    list::{Fields, ListBody, ListConditions, Members, members_of, with_view},
    problem::{Problem, ProblemBody, SignedInProblems, Validation},
    request::{Parameters, SignedIn, sorted_page_request},
    services::Services,
};

incident_query!(
    /// Which incidents, in which order, which page of them, and what of each. Conditions are joined by "and"; several
    /// values of one condition, separated by commas, by "or", but for labels, all of which an incident must have.
    ListQuery {
        /// Words that the title and description, or one of the comments, must have; a `*` at the end of one stands for
        /// any end. Looked for in the newest 10,000 texts that have them; `/search` orders by relevance.
        #[param(min_length = 1, max_length = 200, example = "checkout 50*")]
        q,
        /// `created_at`, `opened_at`, `updated_at` or `priority` (critical first), with a `-` before it for the other
        /// way round; `-created_at` if not given.
        #[param(example = "-updated_at")]
        sort,
        /// `logs`, `tasks` or both, separated by commas: each incident with the last 100 entries of its timeline, or its
        /// last 100 tasks.
        #[param(example = "logs,tasks")]
        include,
        /// The members of each incident that are wanted, separated by commas; `id` always is.
        #[param(example = "number,title,status")]
        fields,
        /// The id of a saved view of yours, whose conditions hold where you give none.
        #[param(format = "uuid")]
        view,
        /// The page, from 1; the answer counts all.
        #[param(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
        page,
        /// How many to a page, from 1 to 200; 50 if not given.
        #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
        page_size,
        /// Instead of `page`: the `next_cursor` of the last answer, or empty to start. Counts nothing, and costs the
        /// same at any depth.
        cursor,
    }
);

static MEMBERS: Members = LazyLock::new(members_of::<IncidentBody>);

/// What is asked for, checked.
struct Asked {
    filter: IncidentFilter,
    sort: IncidentSort,
    page: PageRequest<ListCursor>,
    parts: IncidentParts,
    fields: Option<Fields>,
}

impl ListQuery {
    fn parse(&self, check: &mut Validation) -> Option<Asked> {
        let filter = self.filter(check);
        let text = words(check, self.q.as_deref());
        let (page, size, cursor) = (self.page.as_deref(), self.page_size.as_deref(), self.cursor.as_deref());
        let sorted = sorted_page_request(self.sort.as_deref(), page, size, cursor, check);
        let parts = self.parts(check);
        let fields = Fields::parse(self.fields.as_deref(), &MEMBERS, check);
        let (sort, page) = sorted?;
        Some(Asked { filter: IncidentFilter { text, ..filter? }, sort, page, parts, fields })
    }

    fn parts(&self, check: &mut Validation) -> IncidentParts {
        let mut parts = IncidentParts::default();
        for part in self.include.as_deref().into_iter().flat_map(|include| include.split(',')) {
            match part {
                "logs" => parts.entries = true,
                "tasks" => parts.tasks = true,
                _ => check.refuse("?include", "unknown_value", "must be logs, tasks or both, separated by a comma"),
            }
        }
        parts
    }
}

impl ListConditions for ListQuery {
    const LIST: ViewedList = ViewedList::Incidents;

    fn view(&self) -> Option<&str> {
        self.view.as_deref()
    }

    fn check(&self, check: &mut Validation) {
        self.parse(check);
    }
}

/// List incidents.
#[utoipa::path(
    get,
    path = "/api/v1/incidents",
    tag = "incidents",
    operation_id = "list_incidents",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, description = "A page of incidents; with `fields`, of parts of them.", body = ListBody<IncidentBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let query = with_view(&services, &caller, query).await?;
    let mut check = Validation::new();
    let asked = query.parse(&mut check);
    let Asked { filter, sort, page: asked, parts, fields } = check.finish(|| asked)?;
    let cursor_of = |incident: &Incident| sort.cursor_of(incident, incident.id.as_uuid()).to_string();
    let show = |body| Fields::of(fields.as_ref(), body);

    if parts == IncidentParts::default() {
        let page = services.incidents.list(&caller, &filter, sort, asked.clone()).await?;
        let body = ListBody::new(page, &asked, cursor_of, |incident| show(IncidentBody::from(incident)));
        return Ok(HttpResponse::Ok().json(body));
    }
    let page = services.tasks.incidents_with_parts(&caller, &filter, sort, asked.clone(), parts).await?;
    let body =
        ListBody::new(page, &asked, |item| cursor_of(&item.incident), |item| show(IncidentBody::with_parts(item)));
    Ok(HttpResponse::Ok().json(body))
}
