//! The kernel, which every context builds on: records and their identifiers, versions, pages, actors, the audit,
//! idempotency, events, jobs and leases. It must not use any context.

mod action;
mod actor;
mod cache;
mod conflict;
mod event;
mod health;
pub(crate) mod id;
mod idempotency;
mod invisible;
mod job;
mod lease;
mod listing;
mod machine;
pub(crate) mod names;
mod page;
mod patch;
mod rate_limit;
mod record;
mod repository;
mod role;
mod sorting;
mod text;
mod timestamp;
mod version;

pub use action::{Action, ActionFilter, ActionId, ActionRepository, Origin, Outcome, OutcomeKind};
pub use actor::Actor;
pub use cache::{CACHE_VALUE_BYTES_MAX, Cache, CacheKey};
pub use conflict::{Conflict, StoreError};
pub use event::{Audience, Event, EventId, EventLog, LoggedEvent};
pub use health::{HealthCheck, HealthError};
pub use id::{ApiTokenId, SessionId, TaskId, UserId};
pub use idempotency::{
    IdempotencyKey, IdempotencyKeyError, ReplyRepository, ReplySeal, RequestFingerprint, StoredReply,
};
pub(crate) use invisible::{is_default_ignorable, is_invisible};
pub use job::{Job, JobClaim, JobCounts, JobFilter, JobId, JobKind, JobKindError, JobQueue, JobState};
pub use lease::{Lease, LeaseRepository};
pub use listing::{Listed, Listing};
pub use machine::{Clock, IdGenerator, SecretGenerator, SecretGeneratorError};
pub use names::UnknownName;
pub use page::{Page, PageRequest, PageSize, PageSizeError};
pub use patch::Patch;
pub use rate_limit::{Admission, Quota, RateKey, RateLimiter};
pub use record::{OnDelete, Record, RecordId, RecordKey, RecordKind, Reference, UniqueKey, UniqueValue, Versioned};
pub use repository::{FIND_MANY_MAX, Repository};
pub use role::Role;
pub use sorting::{Direction, ListCursor, ListCursorError, Sort, SortKey, SortPosition, TimeRange};
pub use text::{
    Description, ExternalName, Label, LabelKey, LabelValue, Note, PersonName, TextError, Title, ViewFilter,
};
pub use timestamp::Timestamp;
pub use version::Version;

#[cfg(feature = "mocks")]
pub use {
    action::MockActionRepository,
    cache::MockCache,
    event::MockEventLog,
    health::MockHealthCheck,
    idempotency::{MockReplyRepository, MockReplySeal},
    lease::MockLeaseRepository,
    machine::{MockClock, MockIdGenerator, MockSecretGenerator},
    rate_limit::MockRateLimiter,
    repository::MockRepository,
};
