//! Examples of every problem, and which operation may answer which.

use serde_json::{Map, Value, json};

use crate::problem::ProblemCode;

const REQUEST_ID: &str = "01980d3e-5f00-7000-8000-0000000000aa";

/// What decides which problems an operation may answer.
pub(super) struct Told<'a> {
    pub(super) id: &'a str,
    pub(super) method: &'a str,
    pub(super) needs_token: bool,
    pub(super) reads_body: bool,
    pub(super) has_query: bool,
}

/// One example of each problem, by its code.
pub(super) fn examples() -> Map<String, Value> {
    let example = |code: &ProblemCode| {
        let mut value = json!({
            "type": format!("urn:incident-platform:problem:{}", code.as_str()),
            "title": code.title(),
            "status": code.status().as_u16(),
            "detail": detail(*code),
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
        (code.as_str().to_owned(), json!({ "summary": code.title(), "value": value }))
    };
    ProblemCode::ALL.iter().map(example).collect()
}

/// The problems of a status that an operation may answer.
pub(super) fn of(status: &str, told: &Told<'_>) -> Value {
    let codes = ProblemCode::ALL.iter().filter(|code| code.status().as_str() == status && may_be(**code, told));
    let reference = |code: &ProblemCode| json!({ "$ref": format!("#/components/examples/{}", code.as_str()) });
    Value::Object(codes.map(|code| (code.as_str().to_owned(), reference(code))).collect())
}

fn may_be(code: ProblemCode, told: &Told<'_>) -> bool {
    let one_of = |ids: &[&str]| ids.contains(&told.id);
    match code {
        ProblemCode::MalformedJson => told.reads_body,
        ProblemCode::EmptyPatch => told.method == "patch",
        ProblemCode::IdempotencyKeyReused => told.needs_token && told.method != "get",
        ProblemCode::ValidationFailed => told.reads_body || told.has_query,
        ProblemCode::TransitionRefused => one_of(&["patch_incident", "change_task"]),
        ProblemCode::CategoryNameTaken => one_of(&["change_category"]),
        ProblemCode::CategoryInUse => one_of(&["delete_category"]),
        ProblemCode::ViewNameTaken => one_of(&["create_view", "change_view"]),
        ProblemCode::TooManyViews => one_of(&["create_view"]),
        ProblemCode::EmailTaken => one_of(&["create_user", "patch_user"]),
        ProblemCode::UserInUse => one_of(&["delete_user"]),
        ProblemCode::TooManyApiTokens => one_of(&["create_api_token"]),
        ProblemCode::OwnAccount => one_of(&["patch_user", "delete_user"]),
        ProblemCode::WrongCredentials => one_of(&["login", "change_password"]),
        ProblemCode::RefreshTokenReused => one_of(&["refresh"]),
        ProblemCode::Overloaded => !one_of(&["health_live", "health_ready", "health_db", "metrics"]),
        ProblemCode::SchemaMismatch => one_of(&["health_ready"]),
        ProblemCode::SessionRequired => one_of(&[
            "change_password",
            "create_api_token",
            "end_my_session",
            "end_my_sessions",
            "logout",
            "patch_me",
            "revoke_my_api_token",
        ]),
        ProblemCode::NotSignedIn | ProblemCode::TokenExpired | ProblemCode::ApiTokenEnded => told.needs_token,
        ProblemCode::SessionEnded => told.needs_token || one_of(&["refresh"]),
        ProblemCode::InvalidToken => told.needs_token || one_of(&["refresh", "metrics"]),
        _ => true,
    }
}

fn detail(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::ValidationFailed => "/title: must have at most 200 characters, has 10000",
        ProblemCode::TransitionRefused => "an incident cannot go from open to resolved",
        ProblemCode::EmptyPatch => "name at least one field to change",
        ProblemCode::NotSignedIn => "send `Authorization: Bearer` and an access token",
        ProblemCode::TokenExpired => "the access token has expired; refresh it or sign in again",
        ProblemCode::PreconditionFailed => "read the incident again and decide anew",
        ProblemCode::NotFound => "there is no such incident",
        ProblemCode::Unavailable => "the store does not answer; try again",
        ProblemCode::Internal => "the log of the server knows more under the request id",
        ProblemCode::WrongCredentials => "the email or the password is wrong",
        ProblemCode::MethodNotAllowed => "this path knows GET, HEAD",
        // What the title says is all there is to say.
        code => code.title(),
    }
}
