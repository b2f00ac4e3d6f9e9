//! Accounts, sessions and tokens: who may use the platform, and how they are recognised.

mod accounts;
mod assignee;
mod auth;
mod new_password;
mod published;

pub use accounts::{AccountError, AccountRule, Accounts, ApiTokens, NewUser, UserChange};
pub(crate) use assignee::is_assignable;
pub use auth::{
    API_TOKEN_LIFETIME_DAYS_MAX, API_TOKENS_PER_USER_MAX, AccessToken, Auth, AuthError, AuthPorts, AuthRule,
    AuthSettings, CallerCache, Device, Limited, NewApiToken, PurgeSessions, Quotas, SessionScope, SignedIn, Throttled,
};
pub use new_password::GuessablePassword;
