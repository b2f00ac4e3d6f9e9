//! The problems that several operations share, for their OpenAPI.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

use super::PROBLEM_JSON;

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
