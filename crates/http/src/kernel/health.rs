//! `/health/…`: health checks for load balancers and operators.

use actix_web::{HttpResponse, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app_state::AppState,
    operation::{Access, Routes, get},
    problem::ProblemCode,
    response::Response,
};

/// The check succeeded.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
struct HealthBody {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

pub(super) fn routes() -> Routes {
    Routes::tagged("health").described("For load balancers and operators.").operations([
        get("/health/live", Access::Probe, live)
            .documented("health_live", "Check whether the process is alive.")
            .details("It checks no dependency: if it fails, restart the process.")
            .returns::<HealthBody>("The process is alive."),
        get("/health/ready", Access::Probe, ready)
            .documented("health_ready", "Check whether requests can be served.")
            .details("The database answers and takes writes, has the schema of this release, and its timelines were sealed with the keys of this server.")
            .returns::<HealthBody>("Send requests.")
            .problems(&[
                ProblemCode::Unavailable,
                ProblemCode::TimedOut,
                ProblemCode::SchemaMismatch,
                ProblemCode::TimelineKeyMismatch,
                ProblemCode::DatabaseFileReplaced,
                ProblemCode::DatabaseNotWritable,
            ]),
        get("/health/db", Access::Probe, database)
            .documented("health_db", "Check whether the database answers.")
            .returns::<HealthBody>("The database answers.")
            .problems(&[ProblemCode::Unavailable, ProblemCode::TimedOut, ProblemCode::DatabaseFileReplaced, ProblemCode::DatabaseNotWritable]),
    ])
}

fn ok() -> HttpResponse {
    HttpResponse::Ok().json(HealthBody { status: "ok" })
}

async fn live() -> HttpResponse {
    ok()
}

async fn ready(state: Data<AppState>) -> Response {
    state.readiness.check().await?;
    Ok(ok())
}

async fn database(state: Data<AppState>) -> Response {
    state.database.check().await?;
    Ok(ok())
}
