//! The OpenAPI document, generated from the handlers and their bodies.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, http::StatusCode};
use utoipa::{
    IntoResponses, Modify, OpenApi,
    openapi::{
        ContentBuilder, Ref, RefOr, Response, ResponseBuilder,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use crate::{
    auth, health, incidents,
    problem::{PROBLEM_JSON, ProblemBody},
};

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
        auth::me::handle,
        incidents::open::handle,
        incidents::list::handle,
        incidents::get::handle,
        incidents::patch::handle,
        incidents::delete::handle,
        incidents::logs::handle,
        incidents::comment::handle,
        health::live,
        health::ready,
        health::db,
    ),
    components(schemas(ProblemBody)),
    tags(
        (name = "auth", description = "Signing in, and your own account."),
        (name = "incidents", description = "Incidents and their timelines."),
        (name = "health", description = "For load balancers and operators."),
    ),
    modifiers(&BearerToken),
)]
struct Document;

/// Declares the access token that the operations name.
struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// The whole document as JSON, the same for every server of this release.
pub fn openapi_json() -> String {
    Document::openapi().to_pretty_json().unwrap_or_default()
}

/// `GET /api/openapi.json`.
pub(crate) async fn handle() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(openapi_json())
}

/// The problems of every operation that needs an access token.
pub(crate) struct SignedInProblems;

impl IntoResponses for SignedInProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            (StatusCode::BAD_REQUEST, "The request, one of its headers, or its JSON is malformed."),
            (StatusCode::UNAUTHORIZED, "No access token, or one that is no longer good."),
            (StatusCode::FORBIDDEN, "Your role does not suffice."),
            (StatusCode::SERVICE_UNAVAILABLE, "The store is away, or too many want the same; try again."),
        ])
    }
}

/// The problems of every operation that reads a body.
pub(crate) struct BodyProblems;

impl IntoResponses for BodyProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            (StatusCode::PAYLOAD_TOO_LARGE, "The body has more than 1 MiB."),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is not declared as application/json."),
            (StatusCode::UNPROCESSABLE_ENTITY, "Some values do not fit; `errors` says which."),
        ])
    }
}

/// The problem of every operation on something that may not exist.
pub(crate) struct LookUpProblems;

impl IntoResponses for LookUpProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[(StatusCode::NOT_FOUND, "There is no such incident.")])
    }
}

fn problems(answers: &[(StatusCode, &str)]) -> BTreeMap<String, RefOr<Response>> {
    let schema = Ref::from_schema_name("Problem");
    let response = |description: &str| {
        let content = ContentBuilder::new().schema(Some(schema.clone())).build();
        RefOr::T(ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build())
    };
    answers.iter().map(|(status, description)| (status.as_str().to_owned(), response(description))).collect()
}
