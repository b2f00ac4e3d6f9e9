//! Which path and method leads to which handler.

use actix_web::{
    HttpResponse, Resource, Route,
    guard::{self, Guard},
    http::{Method, header},
    middleware::from_fn,
    web,
};

use crate::{
    actions, api_tokens, auth, categories, docs_page, events, health, incidents,
    measuring::MatchedRoute,
    metrics, openapi,
    problem::{Problem, ProblemCode},
    request::{BODY_BYTES_MAX, answer_once, recognise},
    saved_views, search, sessions, statistics, tasks, users,
};

/// Registers every route; the page that shows the API to people is not for every server.
pub(crate) fn configure(config: &mut web::ServiceConfig, has_docs_page: bool) {
    if has_docs_page {
        config.configure(docs_routes);
    }
    config
        .app_data(web::PayloadConfig::new(BODY_BYTES_MAX))
        // Paths are tried in this order, and most requests are about incidents.
        .configure(incident_routes)
        .configure(task_routes)
        .configure(auth_routes)
        .configure(user_routes)
        .configure(view_routes)
        .configure(log_routes)
        .service(resource("/health/live", &[Method::GET]).route(get().to(health::live)))
        .service(resource("/health/ready", &[Method::GET]).route(get().to(health::ready)))
        .service(resource("/health/db", &[Method::GET]).route(get().to(health::db)))
        .service(resource("/metrics", &[Method::GET]).route(get().to(metrics::handle)))
        .service(resource("/api/openapi.json", &[Method::GET]).route(get().to(openapi::handle)))
        .default_service(web::to(nothing_here));
}

fn docs_routes(config: &mut web::ServiceConfig) {
    config
        .service(resource("/api/docs", &[Method::GET]).route(get().to(docs_page::page)))
        .service(resource("/api/docs/{file}", &[Method::GET]).route(get().to(docs_page::file)));
}

fn auth_routes(config: &mut web::ServiceConfig) {
    config
        .service(resource("/api/v1/auth/login", &[Method::POST]).route(web::post().to(auth::login::handle)))
        .service(resource("/api/v1/auth/refresh", &[Method::POST]).route(web::post().to(auth::refresh::handle)))
        .service(resource("/api/v1/auth/logout", &[Method::POST]).route(command(web::post().to(auth::logout::handle))))
        .service(
            resource("/api/v1/auth/password", &[Method::POST]).route(command(web::post().to(auth::password::handle))),
        )
        .service(
            resource("/api/v1/auth/sessions", &[Method::GET, Method::DELETE])
                .route(signed_in(get().to(sessions::list::own)))
                .route(command(web::delete().to(sessions::end_all::own))),
        )
        .service(
            resource("/api/v1/auth/sessions/{session_id}", &[Method::DELETE])
                .route(command(web::delete().to(sessions::end_one::own))),
        )
        .service(
            resource("/api/v1/auth/api-tokens", &[Method::GET, Method::POST])
                .route(signed_in(get().to(api_tokens::list::own)))
                .route(command(web::post().to(api_tokens::create::handle))),
        )
        .service(
            resource("/api/v1/auth/api-tokens/{token_id}", &[Method::DELETE])
                .route(command(web::delete().to(api_tokens::revoke::own))),
        );
}

fn user_routes(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/api/v1/users", &[Method::GET, Method::POST])
                .route(signed_in(get().to(users::list::handle)))
                .route(command(web::post().to(users::create::handle))),
        )
        // Before the path with an id, which `me` is none of.
        .service(
            resource("/api/v1/users/me", &[Method::GET, Method::PATCH])
                .route(signed_in(get().to(users::me::get)))
                .route(command(web::patch().to(users::me::change))),
        )
        .service(
            resource("/api/v1/users/{id}", &[Method::GET, Method::PATCH, Method::DELETE])
                .route(signed_in(get().to(users::get::handle)))
                .route(command(web::patch().to(users::patch::handle)))
                .route(command(web::delete().to(users::delete::handle))),
        )
        .service(
            resource("/api/v1/users/{id}/sessions", &[Method::GET, Method::DELETE])
                .route(signed_in(get().to(sessions::list::of_user)))
                .route(command(web::delete().to(sessions::end_all::of_user))),
        )
        .service(
            resource("/api/v1/users/{id}/sessions/{session_id}", &[Method::DELETE])
                .route(command(web::delete().to(sessions::end_one::of_user))),
        )
        .service(
            resource("/api/v1/users/{id}/api-tokens", &[Method::GET])
                .route(signed_in(get().to(api_tokens::list::of_user))),
        )
        .service(
            resource("/api/v1/users/{id}/api-tokens/{token_id}", &[Method::DELETE])
                .route(command(web::delete().to(api_tokens::revoke::of_user))),
        );
}

fn view_routes(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/api/v1/users/me/views", &[Method::GET, Method::POST])
                .route(signed_in(get().to(saved_views::list::handle)))
                .route(command(web::post().to(saved_views::create::handle))),
        )
        .service(
            resource("/api/v1/users/me/views/{id}", &[Method::GET, Method::PATCH, Method::DELETE])
                .route(signed_in(get().to(saved_views::get::handle)))
                .route(command(web::patch().to(saved_views::patch::handle)))
                .route(command(web::delete().to(saved_views::delete::handle))),
        );
}

fn task_routes(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/api/v1/incidents/{id}/tasks", &[Method::GET, Method::POST])
                .route(signed_in(get().to(tasks::of_incident::list)))
                .route(command(web::post().to(tasks::of_incident::create))),
        )
        .service(
            resource("/api/v1/tasks", &[Method::GET, Method::POST])
                .route(signed_in(get().to(tasks::list::handle)))
                .route(command(web::post().to(tasks::create::handle))),
        )
        .service(
            resource("/api/v1/tasks/{id}", &[Method::GET, Method::PATCH, Method::DELETE])
                .route(signed_in(get().to(tasks::get::handle)))
                .route(command(web::patch().to(tasks::patch::handle)))
                .route(command(web::delete().to(tasks::delete::handle))),
        )
        .service(
            resource("/api/v1/categories", &[Method::GET, Method::POST])
                .route(signed_in(get().to(categories::list::handle)))
                .route(command(web::post().to(categories::create::handle))),
        )
        .service(
            resource("/api/v1/categories/{id}", &[Method::GET, Method::PATCH, Method::DELETE])
                .route(signed_in(get().to(categories::get::handle)))
                .route(command(web::patch().to(categories::patch::handle)))
                .route(command(web::delete().to(categories::delete::handle))),
        );
}

fn log_routes(config: &mut web::ServiceConfig) {
    config
        .service(resource("/api/v1/actions", &[Method::GET]).route(signed_in(get().to(actions::list::handle))))
        .service(resource("/api/v1/events", &[Method::GET]).route(signed_in(get().to(events::list::handle))));
}

fn incident_routes(config: &mut web::ServiceConfig) {
    config
        .service(
            resource("/api/v1/incidents", &[Method::GET, Method::POST])
                .route(signed_in(get().to(incidents::list::handle)))
                .route(command(web::post().to(incidents::open::handle))),
        )
        // Before the path with an id, which these are none of.
        .service(
            resource("/api/v1/incidents/bulk", &[Method::POST]).route(command(web::post().to(incidents::bulk::handle))),
        )
        .service(
            resource("/api/v1/incidents/export", &[Method::GET]).route(signed_in(get().to(incidents::export::handle))),
        )
        .service(resource("/api/v1/search", &[Method::GET]).route(signed_in(get().to(search::handle))))
        .service(resource("/api/v1/stats/incidents", &[Method::GET]).route(signed_in(get().to(statistics::handle))))
        .service(
            resource("/api/v1/incidents/{id}", &[Method::GET, Method::PATCH, Method::DELETE])
                .route(signed_in(get().to(incidents::get::handle)))
                .route(command(web::patch().to(incidents::patch::handle)))
                .route(command(web::delete().to(incidents::delete::handle))),
        )
        .service(
            resource("/api/v1/incidents/{id}/logs", &[Method::GET, Method::POST])
                .route(signed_in(get().to(incidents::logs::handle)))
                .route(command(web::post().to(incidents::comment::handle))),
        )
        .service(
            resource("/api/v1/incidents/{id}/logs/verify", &[Method::GET])
                .route(signed_in(get().to(incidents::verify::handle))),
        );
}

/// A route for those who are recognised only.
fn signed_in(route: Route) -> Route {
    route.wrap(from_fn(recognise))
}

/// A route for those who are recognised only, and whose requests may have a key.
fn command(route: Route) -> Route {
    signed_in(route.wrap(from_fn(answer_once)))
}

/// GET, and HEAD with it (RFC 9110, section 9.1).
fn get() -> Route {
    web::route().guard(guard::fn_guard(|context| guard::Get().check(context) || guard::Head().check(context)))
}

/// A path that refuses every method but these, and says which they are.
fn resource(path: &'static str, methods: &[Method]) -> Resource {
    let mut allow: Vec<&str> = methods.iter().map(Method::as_str).collect();
    if methods.contains(&Method::GET) {
        allow.push("HEAD");
    }
    let allow = allow.join(", ");
    // A guard is asked where the path has been matched, before anything inside can refuse the request.
    let noted = guard::fn_guard(move |context| {
        MatchedRoute::note(context, path);
        true
    });
    web::resource(path).guard(noted).default_service(web::to(move || {
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
