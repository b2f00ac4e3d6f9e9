//! `GET /auth/sessions`, `GET /users/{id}/sessions`: live sessions in pages, the newest first.

use actix_web::{HttpResponse, web::Data};
use incident_application::Caller;
use incident_domain::{Session, UserId};

use super::body::SessionBody;
use crate::{
    list::ListBody,
    problem::{LookUpProblems, Problem, ProblemBody, SignedInProblems},
    request::{PageParameters, Parameters, SignedIn, UserPath},
    services::Services,
};

/// List your own sessions, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/auth/sessions",
    tag = "auth",
    operation_id = "list_my_sessions",
    security(("bearer" = [])),
    params(PageParameters),
    responses(
        (status = 200, description = "A page of your sessions.", body = ListBody<SessionBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn own(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<PageParameters>,
) -> Result<HttpResponse, Problem> {
    respond(&services, &caller, caller.require_user()?, &query).await
}

/// List a user's sessions, the newest first: anybody's as an administrator.
#[utoipa::path(
    get,
    path = "/api/v1/users/{id}/sessions",
    tag = "users",
    operation_id = "list_user_sessions",
    security(("bearer" = [])),
    params(("id" = uuid::Uuid, Path, description = "The user's id."), PageParameters),
    responses(
        (status = 200, description = "A page of their sessions.", body = ListBody<SessionBody>),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn of_user(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    UserPath(user): UserPath,
    Parameters(query): Parameters<PageParameters>,
) -> Result<HttpResponse, Problem> {
    respond(&services, &caller, user, &query).await
}

async fn respond(
    services: &Services,
    caller: &Caller,
    of: UserId,
    query: &PageParameters,
) -> Result<HttpResponse, Problem> {
    let asked = query.page_request()?;
    let page = services.auth.sessions(caller, of, asked).await?;
    let current = caller.origin.session_id;
    let show = |session| SessionBody::new(session, current);
    let body = ListBody::new(page, &asked, |session: &Session| session.id.to_string(), show);
    Ok(HttpResponse::Ok().json(body))
}
