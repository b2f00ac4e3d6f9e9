//! `GET /incidents`: incidents in pages, the newest first.

use actix_web::{HttpResponse, web::Data};
use incident_domain::{Incident, IncidentFilter, IncidentId, Label, UserId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::IncidentBody;
use crate::{
    list::ListBody,
    problem::{Invalid, Problem, ProblemBody, SignedInProblems, Validation},
    request::{Parameters, SignedIn, page_request},
    services::Services,
};

/// Which incidents, and which page of them. Conditions are joined by "and"; several values of one
/// condition, separated by commas, by "or".
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Statuses.
    #[param(example = "open,investigating")]
    status: Option<String>,
    /// Priorities.
    #[param(example = "critical,high")]
    priority: Option<String>,
    /// The assignee's id.
    #[param(format = "uuid")]
    assigned_to: Option<String>,
    /// The reporter's id.
    #[param(format = "uuid")]
    reported_by: Option<String>,
    /// The affected service, exactly.
    service: Option<String>,
    /// The category, exactly.
    category: Option<String>,
    /// `logs`: each incident with the last 100 entries of its timeline.
    include: Option<String>,
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

impl ListQuery {
    fn filter(&self, check: &mut Validation) -> Option<IncidentFilter> {
        let statuses = names(check, "?status", self.status.as_deref())?;
        let priorities = names(check, "?priority", self.priority.as_deref())?;
        let assigned_to = user(check, "?assigned_to", self.assigned_to.as_deref());
        let reported_by = user(check, "?reported_by", self.reported_by.as_deref());
        let service = check.take_some("?service", self.service.clone(), Label::parse);
        let category = check.take_some("?category", self.category.clone(), Label::parse);
        Some(IncidentFilter { statuses, priorities, assigned_to, reported_by, service, category })
    }

    fn wants_logs(&self, check: &mut Validation) -> bool {
        match self.include.as_deref() {
            None => false,
            Some("logs") => true,
            Some(_) => {
                check.refuse("?include", "unknown_value", "must be logs");
                false
            }
        }
    }
}

/// A list of names of a closed set, separated by commas.
fn names<T: std::str::FromStr<Err: Invalid>>(
    check: &mut Validation,
    pointer: &str,
    text: Option<&str>,
) -> Option<Vec<T>> {
    let parsed = text.into_iter().flat_map(|text| text.split(',')).map(str::parse).collect();
    check.take(pointer, parsed)
}

fn user(check: &mut Validation, pointer: &str, text: Option<&str>) -> Option<UserId> {
    let id = text?.parse().ok();
    if id.is_none() {
        check.refuse(pointer, "not_an_id", "must be a user's id");
    }
    id
}

/// List incidents, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/incidents",
    tag = "incidents",
    operation_id = "list_incidents",
    security(("bearer" = [])),
    params(ListQuery),
    responses(
        (status = 200, description = "A page of incidents.", body = ListBody<IncidentBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<ListQuery>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    let filter = query.filter(&mut check);
    let with_logs = query.wants_logs(&mut check);
    let page = page_request(
        query.page.as_deref(),
        query.page_size.as_deref(),
        query.cursor.as_deref(),
        |text| text.parse::<IncidentId>().ok(),
        &mut check,
    );
    let (filter, asked) = check.finish(|| filter.zip(page))?;

    let body = if with_logs {
        let page = services.incidents.list_with_timelines(&caller, &filter, asked).await?;
        ListBody::new(
            page,
            &asked,
            |item| item.incident.id.to_string(),
            |item| IncidentBody::with_logs(item.incident, item.entries),
        )
    } else {
        let page = services.incidents.list(&caller, &filter, asked).await?;
        ListBody::new(page, &asked, |incident: &Incident| incident.id.to_string(), IncidentBody::from)
    };
    Ok(HttpResponse::Ok().json(body))
}
