//! Users, sessions and API tokens.

mod api_tokens;
mod auth;
mod device_name;
mod sessions;
mod users;

use incident_domain::kernel::{ApiTokenId, Role, SessionId};

use crate::{enum_schemas::enum_schemas, operation::Routes, response::PathId};

enum_schemas! {
    RoleName = Role, "Role", "A user's rights; each role has all rights of the roles before it.";
}

pub(crate) fn routes() -> Routes {
    auth::routes()
        .merge(sessions::routes())
        .merge(api_tokens::routes())
        .merge(users::routes())
        .examples(include_str!("auth.json"))
}

impl PathId for SessionId {
    const NOUN: &'static str = "session";
    const PARAMETER: &'static str = "session_id";
    const UNKNOWN: &'static str = "user, session or token";
}

impl PathId for ApiTokenId {
    const NOUN: &'static str = "API token";
    const PARAMETER: &'static str = "token_id";
    const UNKNOWN: &'static str = "user, session or token";
}
