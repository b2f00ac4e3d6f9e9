//! `DELETE /incidents/{id}`: remove an incident and its timeline.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use crate::{
    problem::{LookUpProblems, Problem, ProblemBody, SignedInProblems},
    request::{Commander, IncidentPath, if_match},
    services::Services,
};

/// Remove an incident with its timeline and its tasks. The audit and the events remain; `incident.deleted.v1` stands for
/// the tasks too.
#[utoipa::path(
    delete,
    path = "/api/v1/incidents/{id}",
    tag = "incidents",
    operation_id = "delete_incident",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The incident's id or number.", example = "INC-1042"),
        ("If-Match" = Option<String>, Header, description = "Remove it only if this is still its entity tag."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 412, description = "It has changed since you read it.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    commander: Commander,
    IncidentPath(incident): IncidentPath,
) -> Result<HttpResponse, Problem> {
    let precondition = if_match(&request)?;
    commander
        .give_quietly(&services, async |command| services.incidents.delete(command, incident, &precondition).await)
        .await
}
