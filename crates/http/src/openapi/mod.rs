//! The OpenAPI document, generated from the handlers and their bodies.

mod examples;
mod idempotency;
mod refinements;

use std::sync::LazyLock;

use actix_web::HttpResponse;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{Http, HttpAuthScheme, SecurityScheme},
};

use crate::{
    actions, api_tokens, auth, categories, events, health, incidents, metrics, names::SpanName, problem::ProblemBody,
    saved_views, search, sessions, statistics, tasks, users,
};
use idempotency::IdempotencyKeys;
use refinements::Refinements;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Incident Intelligence Platform",
        description = "Open, work on and close incidents through a strict state machine. \
            Every answer of 400 or above is a problem (RFC 9457) with a stable `code`.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT"),
    ),
    paths(
        auth::login::handle,
        auth::refresh::handle,
        auth::logout::handle,
        auth::password::handle,
        sessions::list::own,
        sessions::end_all::own,
        sessions::end_one::own,
        api_tokens::list::own,
        api_tokens::create::handle,
        api_tokens::revoke::own,
        users::me::get,
        users::me::change,
        saved_views::list::handle,
        saved_views::create::handle,
        saved_views::get::handle,
        saved_views::patch::handle,
        saved_views::delete::handle,
        users::list::handle,
        users::create::handle,
        users::get::handle,
        users::patch::handle,
        users::delete::handle,
        sessions::list::of_user,
        sessions::end_all::of_user,
        sessions::end_one::of_user,
        api_tokens::list::of_user,
        api_tokens::revoke::of_user,
        incidents::open::handle,
        incidents::list::handle,
        incidents::bulk::handle,
        incidents::export::handle,
        incidents::get::handle,
        incidents::patch::handle,
        incidents::delete::handle,
        incidents::logs::handle,
        incidents::comment::handle,
        incidents::verify::handle,
        search::handle,
        statistics::handle,
        tasks::of_incident::list,
        tasks::of_incident::create,
        tasks::list::handle,
        tasks::create::handle,
        tasks::get::handle,
        tasks::patch::handle,
        tasks::delete::handle,
        categories::list::handle,
        categories::create::handle,
        categories::get::handle,
        categories::patch::handle,
        categories::delete::handle,
        actions::list::handle,
        events::list::handle,
        health::live,
        health::ready,
        health::db,
        metrics::handle,
    ),
    // What stands in no body has to be named here.
    components(schemas(ProblemBody, SpanName)),
    tags(
        (name = "auth", description = "Signing in, and your own sessions, password and API tokens."),
        (name = "users", description = "Your own account, and the management of all."),
        (name = "incidents", description = "Incidents and their timelines."),
        (name = "statistics", description = "The numbers about incidents."),
        (name = "tasks", description = "What is to be done, alone or for an incident."),
        (name = "categories", description = "The kinds of work that tasks are of."),
        (name = "views", description = "What you look at again and again: conditions of a list under a name of yours."),
        (name = "audit", description = "Who did what, and what was refused."),
        (name = "events", description = "What has happened, for other systems to follow."),
        (name = "health", description = "For load balancers and operators."),
    ),
    modifiers(&BearerToken, &IdempotencyKeys, &Refinements),
)]
struct Document;

/// Declares the access token or API token that the operations name.
struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// Made once: it takes a while, and does not change.
static JSON: LazyLock<String> = LazyLock::new(|| Document::openapi().to_pretty_json().unwrap_or_default());

/// The whole document as JSON, the same for every server of this release.
pub fn openapi_json() -> String {
    JSON.clone()
}

/// `GET /api/openapi.json`.
pub(crate) async fn handle() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(JSON.as_str())
}
