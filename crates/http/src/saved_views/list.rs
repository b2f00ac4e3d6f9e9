//! `GET /users/me/views`: all your views, the oldest first.

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::SavedViewBody;
use crate::{
    problem::{Problem, SignedInProblems},
    request::SignedIn,
    services::Services,
};

/// All views of a user.
#[derive(Serialize, ToSchema)]
#[schema(as = SavedViews)]
pub(crate) struct SavedViewsBody {
    items: Vec<SavedViewBody>,
}

/// List all your views, the oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/users/me/views",
    tag = "views",
    operation_id = "list_views",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "All your views, of which there are 100 at the most.", body = SavedViewsBody),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(services: Data<Services>, SignedIn(caller): SignedIn) -> Result<HttpResponse, Problem> {
    let views = services.saved_views.list(&caller).await?;
    let items = views.into_iter().map(SavedViewBody::from).collect();
    Ok(HttpResponse::Ok().json(SavedViewsBody { items }))
}
