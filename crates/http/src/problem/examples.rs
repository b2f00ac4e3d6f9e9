//! One example of each problem for the OpenAPI document.

use serde_json::{Map, Value, json};

use super::{body::SEE_LOG, codes::ProblemCode};

const REQUEST_ID: &str = "01980d3e-5f00-7000-8000-0000000000aa";

/// The examples by the codes of their problems.
pub(crate) fn problem_examples() -> Map<String, Value> {
    ProblemCode::ALL.iter().map(|code| (code.as_str().to_owned(), example(*code))).collect()
}

fn example(code: ProblemCode) -> Value {
    let mut value = json!({
        "type": format!("urn:incident-platform:problem:{}", code.as_str()),
        "title": code.title(),
        "status": code.status().as_u16(),
        "detail": detail(code),
        "code": code.as_str(),
        "request_id": REQUEST_ID,
    });
    match code {
        ProblemCode::ValidationFailed => {
            let detail = "must have at most 200 characters, has 10000";
            value["errors"] = json!([{ "pointer": "/title", "code": "too_long", "detail": detail }]);
        }
        ProblemCode::TransitionRefused => {
            value["from"] = json!("open");
            value["to"] = json!("resolved");
            value["allowed"] = json!(["investigating", "cancelled"]);
        }
        _ => {}
    }
    json!({ "summary": code.title(), "value": value })
}

fn detail(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::ValidationFailed => "/title: must have at most 200 characters, has 10000",
        ProblemCode::TransitionRefused => "an incident cannot go from open to resolved",
        ProblemCode::EmptyPatch => "name at least one field to change",
        ProblemCode::NotSignedIn => "send `Authorization: Bearer` and an access token",
        ProblemCode::TokenExpired => "the access token has expired; refresh it or sign in again",
        ProblemCode::PreconditionFailed => "read the incident again and decide again",
        ProblemCode::NotFound => "there is no such incident",
        ProblemCode::Unavailable => "the store does not answer; try again",
        ProblemCode::Internal => SEE_LOG,
        ProblemCode::WrongCredentials => "the email or the password is wrong",
        ProblemCode::MethodNotAllowed => "this path knows GET, HEAD",
        code => code.title(),
    }
}
