//! Users, sessions and API tokens.

mod api_tokens;
mod auth;
mod device_name;
mod role_name;
mod sessions;
mod users;

pub(crate) use role_name::RoleName;

use crate::operation::Routes;

pub(crate) fn routes() -> Routes {
    auth::routes()
        .merge(sessions::routes())
        .merge(api_tokens::routes())
        .merge(users::routes())
        .examples(include_str!("auth.json"))
}
