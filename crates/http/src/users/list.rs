//! `GET /users`: users in pages, the newest first.

use actix_web::{HttpResponse, web::Data};
use incident_domain::User;

use super::body::UserBody;
use crate::{
    list::ListBody,
    problem::{Problem, ProblemBody, SignedInProblems},
    request::{PageParameters, Parameters, SignedIn},
    services::Services,
};

/// List users, the newest first, as an administrator.
#[utoipa::path(
    get,
    path = "/api/v1/users",
    tag = "users",
    operation_id = "list_users",
    security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of users.", body = ListBody<UserBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<PageParameters>,
) -> Result<HttpResponse, Problem> {
    let asked = query.page_request()?;
    let page = services.accounts.list(&caller, asked).await?;
    let body = ListBody::new(page, &asked, |user: &User| user.id.to_string(), UserBody::from);
    Ok(HttpResponse::Ok().json(body))
}
