//! Users, sessions and tokens.

pub(crate) mod api_token;
pub(crate) mod refresh_token;
pub(crate) mod session;
mod user;
