//! The ports: what the domain and its use cases need from the world. Each method says what an adapter
//! MUST do, and the contract suite `incident-store-contract` has a case for every MUST of the stores.

mod api_tokens;
mod cache;
mod health;
mod incidents;
mod logs;
mod overview;
mod passwords;
mod rate_limiter;
mod replies;
mod saved_views;
mod search;
mod sessions;
mod statistics;
mod store;
mod tasks;
mod timeline;
mod tokens;
mod users;

pub use crate::{
    machine::{Clock, IdGenerator, SecretGenerator, SecretGeneratorError},
    token_error::TokenError,
};
pub use api_tokens::ApiTokenRepository;
pub use cache::{CACHE_VALUE_BYTES_MAX, Cache};
pub use health::{HealthCheck, HealthError};
pub use incidents::{IncidentNumbers, IncidentRepository};
pub use logs::{ActionRepository, EventLog};
pub use overview::OverviewRepository;
pub use passwords::{PasswordHasher, PasswordHasherError};
pub use rate_limiter::RateLimiter;
pub use replies::{ReplyRepository, ReplySeal};
pub use saved_views::SavedViewRepository;
pub use search::SearchRepository;
pub use sessions::{RefreshTokenRepository, SessionRepository};
pub use statistics::StatisticsRepository;
pub use store::{CommitError, Conflict, Reference, Store, StoreError, UniqueKey};
pub use tasks::{CategoryRepository, TaskRepository};
pub use timeline::TimelineRepository;
pub use tokens::{AccessClaims, TokenIssuer};
pub use users::UserRepository;

#[cfg(feature = "mocks")]
pub use {
    crate::machine::{MockClock, MockIdGenerator, MockSecretGenerator},
    api_tokens::MockApiTokenRepository,
    cache::MockCache,
    health::MockHealthCheck,
    incidents::{MockIncidentNumbers, MockIncidentRepository},
    logs::{MockActionRepository, MockEventLog},
    overview::MockOverviewRepository,
    passwords::MockPasswordHasher,
    rate_limiter::MockRateLimiter,
    replies::{MockReplyRepository, MockReplySeal},
    saved_views::MockSavedViewRepository,
    search::MockSearchRepository,
    sessions::{MockRefreshTokenRepository, MockSessionRepository},
    statistics::MockStatisticsRepository,
    store::MockStore,
    tasks::{MockCategoryRepository, MockTaskRepository},
    timeline::MockTimelineRepository,
    tokens::MockTokenIssuer,
    users::MockUserRepository,
};
