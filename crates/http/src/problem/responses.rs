//! The problems that several operations share, for their OpenAPI.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type},
};

use super::PROBLEM_JSON;

const BAD_REQUEST: (StatusCode, &str) =
    (StatusCode::BAD_REQUEST, "The request, one of its headers, or its JSON is malformed.");
const TOO_MANY_REQUESTS: (StatusCode, &str) =
    (StatusCode::TOO_MANY_REQUESTS, "It was tried too often; `Retry-After` says when to try again.");
const UNAVAILABLE: (StatusCode, &str) =
    (StatusCode::SERVICE_UNAVAILABLE, "The store is away, there is too much to do, or it took too long; try again.");
const BODY_TOO_SLOW: (StatusCode, &str) = (StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive.");

/// The problems of every operation that needs an access token or an API token.
pub(crate) struct SignedInProblems;

impl IntoResponses for SignedInProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            BAD_REQUEST,
            (StatusCode::UNAUTHORIZED, "No token, or one that is no longer good."),
            (StatusCode::FORBIDDEN, "You may not do this; the code says why."),
            TOO_MANY_REQUESTS,
            UNAVAILABLE,
        ])
    }
}

/// The problems of the operations that give out tokens.
pub(crate) struct SigningInProblems;

impl IntoResponses for SigningInProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[BAD_REQUEST, TOO_MANY_REQUESTS, UNAVAILABLE])
    }
}

/// The problems of every operation that reads a body.
pub(crate) struct BodyProblems;

impl IntoResponses for BodyProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            BODY_TOO_SLOW,
            (StatusCode::PAYLOAD_TOO_LARGE, "The body has more than 1 MiB."),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is not declared as application/json."),
            (StatusCode::UNPROCESSABLE_ENTITY, "Some values do not fit; `errors` says which."),
        ])
    }
}

/// The problems of every command, whose request may have a key; its body is read for it even where none is wanted.
pub(crate) struct CommandProblems;

impl IntoResponses for CommandProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[
            BODY_TOO_SLOW,
            (StatusCode::PAYLOAD_TOO_LARGE, "The body has more than 1 MiB."),
            (StatusCode::UNPROCESSABLE_ENTITY, "The idempotency key was used for another request."),
        ])
    }
}

/// The problem of every operation on something that may not exist.
pub(crate) struct LookUpProblems;

impl IntoResponses for LookUpProblems {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems(&[(StatusCode::NOT_FOUND, "What the path names is not there.")])
    }
}

fn problems(answers: &[(StatusCode, &str)]) -> BTreeMap<String, RefOr<Response>> {
    answers.iter().map(|(status, description)| (status.as_str().to_owned(), problem(*status, description))).collect()
}

fn problem(status: StatusCode, description: &str) -> RefOr<Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let mut response = ResponseBuilder::new().description(description).content(PROBLEM_JSON, content);
    if [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status) {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
        let retry_after =
            HeaderBuilder::new().schema(Some(seconds)).description(Some("In how many seconds to try again."));
        response = response.header("Retry-After", retry_after.build());
    }
    RefOr::T(response.build())
}
