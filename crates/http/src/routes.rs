//! All routes of the server: the operations of each context, the OpenAPI document, and the page that shows it.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, Resource, http::Method, web};

use crate::{
    catalog, docs_page, identity, incidents, kernel,
    operation::{Access, Operation, Routes, document, get_or_head, resource},
    problem::{Problem, ProblemCode},
    work,
};

/// The operations of all contexts. Most requests are about incidents, so their paths are tried first.
pub(crate) static ROUTES: LazyLock<Routes> = LazyLock::new(|| {
    [work::routes(), identity::routes(), catalog::routes(), kernel::routes()]
        .into_iter()
        .fold(incidents::routes(), Routes::merge)
});

/// The document as JSON, made when it is first requested.
static DOCUMENT: LazyLock<String> =
    LazyLock::new(|| document(&ROUTES).and_then(|document| document.to_pretty_json()).unwrap_or_default());

/// Returns the OpenAPI document as JSON. It is the same for every server of a release.
pub fn openapi_json() -> String {
    DOCUMENT.clone()
}

/// Returns every operation of the API.
pub fn operations() -> &'static [Operation] {
    ROUTES.all()
}

/// The paths of the operations with this access rule.
pub(crate) fn paths_of(access: Access) -> Vec<&'static str> {
    operations().iter().filter(|operation| operation.access() == access).map(Operation::path).collect()
}

/// Registers every route.
pub(crate) fn configure(config: &mut web::ServiceConfig, has_docs_page: bool) {
    ROUTES.resources().into_iter().for_each(|resource| {
        config.service(resource);
    });
    config.service(readable("/api/openapi.json").route(get_or_head().to(openapi)));
    if has_docs_page {
        config
            .service(readable("/api/docs").route(get_or_head().to(docs_page::page)))
            .service(readable("/api/docs/{file}").route(get_or_head().to(docs_page::file)));
    }
    config.default_service(web::to(not_found));
}

fn readable(path: &'static str) -> Resource {
    resource(path, &[Method::GET])
}

async fn openapi() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str())
}

async fn not_found(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let hint = if request.path().ends_with('/') { "; leave the slash at the end out" } else { "" };
    Err(Problem::new(ProblemCode::NotFound, format!("there is nothing at this path{hint}")))
}
