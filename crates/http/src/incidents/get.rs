//! `GET /incidents/{id}`: read an incident.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};

use super::body::IncidentBody;
use crate::{
    problem::{LookUpProblems, Problem, SignedInProblems},
    request::{IncidentPath, SignedIn, etag, is_not_modified},
    services::Services,
};

/// Read an incident.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}",
    tag = "incidents",
    operation_id = "get_incident",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The incident's id or number.", example = "INC-1042"),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag you have; 304 if it is still the one."),
    ),
    responses(
        (status = 200, description = "The incident.", body = IncidentBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
        )),
        (status = 304, description = "You have it already."),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    SignedIn(caller): SignedIn,
    IncidentPath(incident): IncidentPath,
) -> Result<HttpResponse, Problem> {
    let incident = services.incidents.get(&caller, incident).await?;
    let current = etag(incident.version);
    if is_not_modified(&request, &current)? {
        return Ok(HttpResponse::NotModified().insert_header(header::ETag(current)).finish());
    }
    Ok(HttpResponse::Ok().insert_header(header::ETag(current)).json(IncidentBody::from(incident)))
}
