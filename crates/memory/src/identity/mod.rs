//! Users, and what authenticates them.

mod api_token;
mod refresh_token;
mod session;
mod user;
