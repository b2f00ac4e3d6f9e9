//! Signing in, staying signed in, and being recognised.

mod api_tokens;
mod authenticate;
mod caller_cache;
mod last_seen;
mod maintenance;
mod password;
mod quotas;
mod refresh;
mod rule;
mod service;
mod sessions;
mod sign_in;
mod throttle;

pub use api_tokens::{API_TOKEN_LIFETIME_DAYS_MAX, API_TOKENS_PER_USER_MAX, NewApiToken};
pub use caller_cache::CallerCache;
pub use maintenance::PurgeSessions;
pub use quotas::{Limited, Quotas, Throttled};
pub use rule::{AuthError, AuthRule};
pub use service::{AccessToken, Auth, AuthPorts, AuthSettings, Device, SignedIn};
pub use sessions::SessionScope;
