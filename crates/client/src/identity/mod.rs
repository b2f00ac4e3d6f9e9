//! Users, sessions and API tokens.

mod api_token;
mod sign_in;
mod user;

pub use api_token::*;
pub use user::*;
