//! `/health/…`: for load balancers and operators.

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    problem::{Problem, ProblemBody},
    services::Services,
};

/// All is well.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthBody {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

fn ok() -> HttpResponse {
    HttpResponse::Ok().json(HealthBody { status: "ok" })
}

/// Whether the process lives. It asks nobody else: if this fails, restart it.
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "health",
    operation_id = "health_live",
    security(()),
    responses((status = 200, description = "It lives.", body = HealthBody))
)]
pub(crate) async fn live() -> HttpResponse {
    ok()
}

/// Whether requests can be served: the database answers and has the schema of this release.
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "health",
    operation_id = "health_ready",
    security(()),
    responses(
        (status = 200, description = "Send requests.", body = HealthBody),
        (status = 503, description = "Send none now.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn ready(services: Data<Services>) -> Result<HttpResponse, Problem> {
    services.readiness.check().await?;
    Ok(ok())
}

/// Whether the database answers.
#[utoipa::path(
    get,
    path = "/health/db",
    tag = "health",
    operation_id = "health_db",
    security(()),
    responses(
        (status = 200, description = "It answers.", body = HealthBody),
        (status = 503, description = "It does not.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn db(services: Data<Services>) -> Result<HttpResponse, Problem> {
    services.database.check().await?;
    Ok(ok())
}
