//! `GET /incidents/{id}/logs`: an incident's timeline in pages, the oldest entry first.

use actix_web::{HttpResponse, web::Data};
use incident_domain::{Page, PageRequest, TimelineEntry};

use super::body::EntryBody;
use crate::{
    list::ListBody,
    problem::{LookUpProblems, Problem, ProblemBody, SignedInProblems},
    request::{IncidentPath, PageParameters, Parameters, SignedIn},
    services::Services,
};

/// Read an incident's timeline, the oldest entry first.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/logs",
    tag = "incidents",
    operation_id = "list_incident_logs",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The incident's id or number.", example = "INC-1042"), PageParameters),
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
    Parameters(query): Parameters<PageParameters>,
) -> Result<HttpResponse, Problem> {
    let asked = query.page_request()?;
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
