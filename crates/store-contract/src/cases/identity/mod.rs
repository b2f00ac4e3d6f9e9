//! Users, sessions and tokens.

pub mod api_token;
pub mod refresh_token;
pub mod session;
pub mod user;
