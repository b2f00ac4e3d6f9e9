//! `POST /incidents/{id}/logs`: add a remark to an incident's timeline.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use incident_domain::{Note, TimelineEntry};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::EntryBody;
use crate::{
    answer::Answer,
    problem::{BodyProblems, LookUpProblems, Problem, SignedInProblems, Validation},
    request::{Body, Commander, IncidentPath},
    services::Services,
};

/// A remark.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CommentIncident)]
pub(crate) struct CommentBody {
    #[schema(min_length = 1, max_length = 10_000, example = "rolled back the release of 14:05")]
    message: String,
}

/// Add a remark to an incident's timeline. It does not change the incident's version.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/{id}/logs",
    tag = "incidents",
    operation_id = "comment_incident",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The incident's id or number.", example = "INC-1042")),
    request_body = CommentBody,
    responses(
        (status = 201, description = "The new entry.", body = EntryBody),
        SignedInProblems,
        LookUpProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    commander: Commander,
    IncidentPath(incident): IncidentPath,
    Body(body): Body<CommentBody>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    let message = check.take("/message", Note::parse(body.message));
    let message = check.finish(|| message)?;
    commander
        .give(&services, commented, async |command| services.incidents.comment(command, incident, &message).await)
        .await
}

fn commented(entry: &TimelineEntry) -> Answer {
    Answer::json(StatusCode::CREATED, &EntryBody::from(entry.clone()))
}
