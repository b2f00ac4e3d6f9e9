//! `GET /incidents/{id}/logs`: an incident's timeline in pages, the oldest entry first.

use actix_web::{HttpResponse, web::Data};
use incident_domain::{Page, PageRequest, TimelineEntry};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::EntryBody;
use crate::{
    list::ListBody,
    problem::{LookUpProblems, Problem, ProblemBody, SignedInProblems, Validation},
    request::{IncidentPath, Parameters, SignedIn, page_request},
    services::Services,
};

/// Which page of the timeline.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LogsQuery {
    /// The page, from 1.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100_000)]
    page: Option<String>,
    /// How many to a page, from 1 to 200; 50 if not given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    page_size: Option<String>,
    /// Instead of `page`: the `next_cursor` of the last answer, or empty to start.
    cursor: Option<String>,
}

/// Read an incident's timeline, the oldest entry first.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/logs",
    tag = "incidents",
    operation_id = "list_incident_logs",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The incident's id or number.", example = "INC-1042"), LogsQuery),
    responses(
        (status = 200, description = "A page of the timeline.", body = ListBody<EntryBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    IncidentPath(incident): IncidentPath,
    Parameters(query): Parameters<LogsQuery>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    let asked = page_request(
        query.page.as_deref(),
        query.page_size.as_deref(),
        query.cursor.as_deref(),
        |text| text.parse::<u32>().ok(),
        &mut check,
    );
    let asked = check.finish(|| asked)?;
    // A timeline has no gaps, so that a page's number says where it begins.
    let after = match asked {
        PageRequest::Numbered { page, size } => (page - 1).saturating_mul(size.get()),
        PageRequest::After { cursor, .. } => cursor.unwrap_or(0),
    };
    let timeline = services.incidents.timeline(&caller, incident, after, asked.size().get()).await?;
    let last = timeline.entries.last().map_or(after, |entry| entry.sequence);
    let page =
        Page { has_more: last < timeline.total, total: Some(u64::from(timeline.total)), items: timeline.entries };
    let body = ListBody::new(page, &asked, |entry: &TimelineEntry| entry.sequence.to_string(), EntryBody::from);
    Ok(HttpResponse::Ok().json(body))
}
