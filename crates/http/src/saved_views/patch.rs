//! `PATCH /users/me/views/{id}`: give a view another name or other conditions.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use incident_domain::{Label, Patch};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    body::{SavedViewBody, answer},
    filter,
};
use crate::{
    problem::{BodyProblems, LookUpProblems, Problem, ProblemBody, ProblemCode, SignedInProblems, Validation},
    request::{Body, Commander, SavedViewPath, if_match, patch, present, present_as},
    services::Services,
};

/// What is to change about a view: an absent field stays, a value sets.
#[derive(Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchSavedView, min_properties = 1)]
pub(crate) struct PatchBody {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 128)]
    name: Patch<String>,
    /// All conditions anew.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = std::collections::BTreeMap<String, String>, required = false)]
    filter: Patch<Map<String, Value>>,
}

/// Give a view of yours another name or other conditions. The list that it is of stays.
#[utoipa::path(
    patch,
    path = "/api/v1/users/me/views/{id}",
    tag = "views",
    operation_id = "change_view",
    security(("bearer" = [])),
    params(
        ("id" = uuid::Uuid, Path, description = "The view's id."),
        ("If-Match" = Option<String>, Header, description = "Change it only if this is still its entity tag."),
    ),
    request_body = PatchBody,
    responses(
        (status = 200, description = "The view as it is now.", body = SavedViewBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
        )),
        (status = 409, description = "You have another view with this name.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since you read it.",
            body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    commander: Commander,
    SavedViewPath(view): SavedViewPath,
    Body(body): Body<PatchBody>,
) -> Result<HttpResponse, Problem> {
    if body == PatchBody::default() {
        return Err(Problem::new(ProblemCode::EmptyPatch, "name at least one field to change"));
    }
    let precondition = if_match(&request)?;
    let mut check = Validation::new();
    let name = present_as(&mut check, "/name", body.name, Label::parse);
    let filter = match present(&mut check, "/filter", body.filter) {
        // Which conditions fit depends on the list, which never changes.
        Some(conditions) => {
            let list = services.saved_views.get(commander.caller(), view).await?.list;
            filter::parse(list, &conditions, &mut check)
        }
        None => None,
    };
    let (name, filter) = check.finish(|| Some((name, filter)))?;
    commander
        .give(
            &services,
            |view| answer(StatusCode::OK, view),
            async |command| services.saved_views.change(command, view, name, filter, &precondition).await,
        )
        .await
}
