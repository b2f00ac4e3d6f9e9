//! `GET /api/docs`: the documentation of the API as a page that can send requests.
//!
//! The viewer is Swagger UI (Apache-2.0). Its files are part of the binary: they come with the crate
//! `utoipa-swagger-ui-vendored`, so neither the build nor the page loads anything from other servers.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderName},
};
use utoipa_swagger_ui::Config;

use crate::problem::{Problem, ProblemCode};

const PAGE: &str = include_str!("page.html");
const START: &str = include_str!("start.js");

/// The files of the viewer that the page loads.
const VIEWER: [&str; 3] = ["favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui.css"];

/// The page's own policy: it runs the viewer's script, which sets styles of elements, has icons in its style sheet, and
/// sends requests to this server.
const POLICY: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Not longer, because another release may bring another viewer.
const CACHED: (HeaderName, &str) = (header::CACHE_CONTROL, "private, max-age=3600");

/// `GET /api/docs`.
pub(crate) async fn page() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header(POLICY).body(PAGE)
}

/// `GET /api/docs/{file}`: the files that the page loads.
pub(crate) async fn file(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let name = request.match_info().query("file");
    if name == "start.js" {
        return Ok(HttpResponse::Ok().content_type("text/javascript; charset=utf-8").insert_header(CACHED).body(START));
    }
    let not_found = || Problem::new(ProblemCode::NotFound, "the page has no such file");
    let known = VIEWER.iter().find(|known| **known == name).ok_or_else(not_found)?;
    let found = utoipa_swagger_ui::serve(known, Arc::new(Config::default())).ok().flatten().ok_or_else(not_found)?;
    Ok(HttpResponse::Ok().content_type(found.content_type).insert_header(CACHED).body(found.bytes.into_owned()))
}
