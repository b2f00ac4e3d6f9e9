//! `GET /api/docs`: the API as a page for people, who can try it out there.
//!
//! The page is ours, the viewer is Swagger UI (Apache-2.0), whose files are a part of the binary: they come with the crate
//! `utoipa-swagger-ui-vendored`, so that neither building nor showing the page loads anything from elsewhere.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderName},
};
use utoipa_swagger_ui::Config;

use crate::problem::{Problem, ProblemCode};

const PAGE: &str = include_str!("page.html");
const START: &str = include_str!("start.js");

/// What the page loads of the viewer; it has more files, which nobody needs here.
const VIEWER: [&str; 3] = ["favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui.css"];

/// For this page only: it runs the viewer's script, which styles its elements itself, has its icons in its style sheet,
/// and asks this server what is tried out.
const POLICY: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Another release may bring another viewer.
const KEPT: (HeaderName, &str) = (header::CACHE_CONTROL, "private, max-age=3600");

/// `GET /api/docs`.
pub(crate) async fn page() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header(POLICY).body(PAGE)
}

/// `GET /api/docs/{file}`: what the page loads.
pub(crate) async fn file(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let name = request.match_info().query("file");
    if name == "start.js" {
        return Ok(HttpResponse::Ok().content_type("text/javascript; charset=utf-8").insert_header(KEPT).body(START));
    }
    let nothing = || Problem::new(ProblemCode::NotFound, "the page has no such file");
    let known = VIEWER.iter().find(|known| **known == name).ok_or_else(nothing)?;
    let found = utoipa_swagger_ui::serve(known, Arc::new(Config::default())).ok().flatten().ok_or_else(nothing)?;
    Ok(HttpResponse::Ok().content_type(found.content_type).insert_header(KEPT).body(found.bytes.into_owned()))
}
