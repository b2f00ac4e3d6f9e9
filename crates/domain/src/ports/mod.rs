//! The ports: what the domain and its use cases need from the world. Each method says what an adapter
//! MUST do, and the contract suite `incident-store-contract` has a case for every MUST of the stores.

mod api_tokens;
mod health;
mod incidents;
mod logs;
mod overview;
mod passwords;
mod rate_limiter;
mod replies;
mod sessions;
mod store;
mod timeline;
mod tokens;
mod users;

pub use crate::{
    machine::{Clock, IdGenerator, SecretGenerator, SecretGeneratorError},
    token_error::TokenError,
};
pub use api_tokens::ApiTokenRepository;
pub use health::{HealthCheck, HealthError};
pub use incidents::{IncidentNumbers, IncidentRepository};
pub use logs::{ActionRepository, EventLog};
pub use overview::OverviewRepository;
pub use passwords::{PasswordHasher, PasswordHasherError};
pub use rate_limiter::RateLimiter;
pub use replies::{ReplyRepository, ReplySeal};
pub use sessions::{RefreshTokenRepository, SessionRepository};
pub use store::{CommitError, Conflict, Reference, Store, StoreError, UniqueKey};
pub use timeline::TimelineRepository;
pub use tokens::{AccessClaims, TokenIssuer};
pub use users::UserRepository;

#[cfg(feature = "mocks")]
pub use {
    crate::machine::{MockClock, MockIdGenerator, MockSecretGenerator},
    api_tokens::MockApiTokenRepository,
    health::MockHealthCheck,
    incidents::{MockIncidentNumbers, MockIncidentRepository},
    logs::{MockActionRepository, MockEventLog},
    overview::MockOverviewRepository,
    passwords::MockPasswordHasher,
    rate_limiter::MockRateLimiter,
    replies::{MockReplyRepository, MockReplySeal},
    sessions::{MockRefreshTokenRepository, MockSessionRepository},
    store::MockStore,
    timeline::MockTimelineRepository,
    tokens::MockTokenIssuer,
    users::MockUserRepository,
};
