//! `POST /users/me/views`: save a view.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use incident_application::NewSavedView;
use incident_domain::{Label, SavedView, ViewedList};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    body::{SavedViewBody, answer},
    filter,
};
use crate::{
    answer::Answer,
    names,
    problem::{BodyProblems, Problem, ProblemBody, SignedInProblems, Validation},
    request::{Body, Commander},
    services::Services,
};

/// The view to be saved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateSavedView)]
pub(crate) struct CreateBody {
    /// Unique among your own.
    #[schema(min_length = 1, max_length = 128, example = "what burns")]
    name: String,
    #[schema(value_type = names::ViewedListName)]
    list: String,
    /// The parameters of the list and their values as text: all but `page`, `page_size`, `cursor` and `view`.
    #[schema(value_type = std::collections::BTreeMap<String, String>, example = json!({"status": "open,investigating", "sort": "priority"}))]
    filter: Map<String, Value>,
}

impl CreateBody {
    fn validate(self) -> Result<NewSavedView, Problem> {
        let mut check = Validation::new();
        let name = check.take("/name", Label::parse(self.name));
        let list = check.take("/list", self.list.parse::<ViewedList>());
        let filter = list.and_then(|list| filter::parse(list, &self.filter, &mut check));
        check.finish(|| Some(NewSavedView { name: name?, list: list?, filter: filter? }))
    }
}

/// Save conditions of a list under a name. The list takes the view's id as `view`.
#[utoipa::path(
    post,
    path = "/api/v1/users/me/views",
    tag = "views",
    operation_id = "create_view",
    security(("bearer" = [])),
    request_body = CreateBody,
    responses(
        (status = 201, description = "The new view.", body = SavedViewBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
            ("Location" = String, description = "Its path."),
        )),
        (status = 409, description = "You have a view with this name, or as many as there can be.",
            body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    commander: Commander,
    Body(body): Body<CreateBody>,
) -> Result<HttpResponse, Problem> {
    let new = body.validate()?;
    commander.give(&services, saved, async |command| services.saved_views.save(command, new).await).await
}

fn saved(view: &SavedView) -> Answer {
    answer(StatusCode::CREATED, view).with_header(&header::LOCATION, format!("/api/v1/users/me/views/{}", view.id))
}
