//! Which path and method leads to which handler.

use actix_web::{
    HttpResponse, Resource,
    guard::{self, Guard},
    http::{Method, header},
    web,
};

use crate::{
    auth, health, incidents, openapi,
    problem::{Problem, ProblemCode},
    request::BODY_BYTES_MAX,
};

/// Registers every route.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .app_data(web::PayloadConfig::new(BODY_BYTES_MAX))
        .service(resource("/health/live", &[Method::GET]).route(get().to(health::live)))
        .service(resource("/health/ready", &[Method::GET]).route(get().to(health::ready)))
        .service(resource("/health/db", &[Method::GET]).route(get().to(health::db)))
        .service(resource("/api/openapi.json", &[Method::GET]).route(get().to(openapi::handle)))
        .service(resource("/api/v1/auth/login", &[Method::POST]).route(web::post().to(auth::login::handle)))
        .service(resource("/api/v1/users/me", &[Method::GET]).route(get().to(auth::me::handle)))
        .service(
            resource("/api/v1/incidents", &[Method::GET, Method::POST])
                .route(get().to(incidents::list::handle))
                .route(web::post().to(incidents::open::handle)),
        )
        .service(
            resource("/api/v1/incidents/{id}", &[Method::GET, Method::PATCH, Method::DELETE])
                .route(get().to(incidents::get::handle))
                .route(web::patch().to(incidents::patch::handle))
                .route(web::delete().to(incidents::delete::handle)),
        )
        .service(
            resource("/api/v1/incidents/{id}/logs", &[Method::GET, Method::POST])
                .route(get().to(incidents::logs::handle))
                .route(web::post().to(incidents::comment::handle)),
        )
        .default_service(web::to(nothing_here));
}

/// GET, and HEAD with it (RFC 9110, section 9.1).
fn get() -> actix_web::Route {
    web::route().guard(guard::fn_guard(|context| guard::Get().check(context) || guard::Head().check(context)))
}

/// A path that refuses every method but these, and says which they are.
fn resource(path: &str, methods: &[Method]) -> Resource {
    let mut allow: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if methods.contains(&Method::GET) {
        allow.push("HEAD");
    }
    let allow = allow.join(", ");
    web::resource(path).default_service(web::to(move || {
        let allow = allow.clone();
        async move {
            let detail = format!("this path knows {allow}");
            let problem = Problem::new(ProblemCode::MethodNotAllowed, detail);
            Err::<HttpResponse, _>(problem.with_header(header::ALLOW, allow))
        }
    }))
}

async fn nothing_here() -> Result<HttpResponse, Problem> {
    Err(Problem::new(ProblemCode::NotFound, "there is nothing at this path"))
}
