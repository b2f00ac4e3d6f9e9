//! Users, their sessions and tokens, and roles.

mod access_token;
mod api_token;
mod password;
mod ports;
mod refresh_token;
mod session;
mod token_secret;
mod user;
mod user_list;

pub use access_token::{AccessClaims, TokenError, TokenIssuer};
pub use api_token::{ApiToken, ApiTokenSelection};
pub use password::{Password, PasswordError, PasswordHasher, PasswordHasherError};
pub use ports::{ApiTokenRepository, RefreshTokenRepository, SessionRepository, UserRepository};
pub use refresh_token::{Refresh, RefreshToken, RefreshTokenId, Spending};
pub use session::{LiveSessions, Revocation, RevocationReason, Session, SessionSelection};
pub use token_secret::{SecretKind, TokenHash, TokenSecret};
pub use user::{Email, EmailError, PasswordHash, User, UserPatch};

pub use crate::kernel::Role;
pub use user_list::{UserFilter, UserSort, UserSortKey};

#[cfg(feature = "mocks")]
pub use {
    access_token::MockTokenIssuer,
    password::MockPasswordHasher,
    ports::{MockSessionRepository, MockUserRepository},
};
