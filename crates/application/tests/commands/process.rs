//! One server process: every service over the shared in-memory store.

use std::{sync::Arc, time::Duration};

use incident_application::{
    identity::{Accounts, Auth, AuthPorts, AuthSettings, CallerCache, Quotas},
    incidents::{IncidentPorts, Incidents},
    kernel::{
        CommandPorts, CommandRunner, JobWaker, Jobs, KeyedRequest, OrdinaryRecords, Principal, Replies, ReplyPorts,
    },
    work::{Categories, SavedViews, TaskPorts, Tasks},
};
use incident_domain::{
    identity::{MockPasswordHasher, MockTokenIssuer, PasswordHash, PasswordHasher, UserRepository},
    incidents::{IncidentRepository, TimelineKey},
    kernel::{IdempotencyKey, MockRateLimiter, RateLimiter, ReplyRepository, ReplySeal},
};
use incident_memory::PlainSeal;

use crate::{recording_store::RecordingStore, world::World};

/// How long replies are kept.
pub(crate) const LIFETIME: Duration = Duration::from_hours(24);

/// The idempotency key of most requests.
pub(crate) const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

/// The ports that tests replace.
pub(crate) struct Ports {
    pub(crate) store: Arc<RecordingStore>,
    pub(crate) incidents: Arc<dyn IncidentRepository>,
    pub(crate) users: Arc<dyn UserRepository>,
    pub(crate) replies: Arc<dyn ReplyRepository>,
    pub(crate) seal: Arc<dyn ReplySeal>,
    pub(crate) hasher: Arc<dyn PasswordHasher>,
    pub(crate) limiter: Arc<dyn RateLimiter>,
    pub(crate) quotas: Quotas,
}

impl Ports {
    pub(crate) fn over(world: &World) -> Self {
        Self::yielding(world, 0)
    }

    /// Creates ports whose store yields to other tasks this many times before each commit.
    pub(crate) fn yielding(world: &World, yields_before_commit: usize) -> Self {
        Self {
            store: Arc::new(RecordingStore::new(&world.memory, yields_before_commit)),
            incidents: world.memory.clone(),
            users: world.memory.clone(),
            replies: world.memory.clone(),
            seal: Arc::new(PlainSeal),
            hasher: Arc::new(plaintext_hasher()),
            limiter: Arc::new(MockRateLimiter::new()),
            quotas: Quotas::default(),
        }
    }
}

/// Every service that executes commands, and the store that records them.
pub(crate) struct Process {
    pub(crate) store: Arc<RecordingStore>,
    pub(crate) incidents: Incidents,
    pub(crate) tasks: Tasks,
    pub(crate) categories: Categories,
    pub(crate) records: OrdinaryRecords,
    pub(crate) views: SavedViews,
    pub(crate) accounts: Accounts,
    pub(crate) auth: Auth,
    pub(crate) replies: Replies,
    pub(crate) jobs: Jobs,
}

impl Process {
    pub(crate) fn of(world: &World) -> Self {
        Self::with(world, Ports::over(world))
    }

    pub(crate) fn with(world: &World, ports: Ports) -> Self {
        let Ports { store, incidents, users, replies, seal, hasher, limiter, quotas } = ports;
        let World { memory, clock, ids, secrets } = world;
        let callers = Arc::new(CallerCache::default());
        let ports = CommandPorts { store: store.clone(), clock: clock.clone(), ids: ids.clone() };
        let runner = Arc::new(CommandRunner::new(ports));
        let tasks = TaskPorts {
            tasks: memory.clone(),
            categories: memory.clone(),
            incidents: incidents.clone(),
            timeline: memory.clone(),
            users: users.clone(),
        };
        let incidents = IncidentPorts {
            incidents,
            numbers: memory.clone(),
            timeline: memory.clone(),
            search: memory.clone(),
            users: users.clone(),
        };
        let accounts = Accounts::new(runner.clone(), users.clone(), hasher.clone(), callers.clone());
        let mut tokens = MockTokenIssuer::new();
        tokens.expect_issue().returning(|claims| Ok(claims.session_id.to_string()));
        let auth = AuthPorts {
            users,
            sessions: memory.clone(),
            refresh_tokens: memory.clone(),
            api_tokens: memory.clone(),
            hasher,
            tokens: Arc::new(tokens),
            secrets: secrets.clone(),
            limiter,
        };
        let settings = AuthSettings {
            access_token_lifetime: Duration::from_mins(15),
            session_lifetime: Duration::from_hours(24 * 30),
            session_idle_max: Duration::from_hours(24 * 7),
            quotas,
        };
        let replies = ReplyPorts { store: store.clone(), replies, seal, clock: clock.clone() };
        let key = TimelineKey::new(b"a timeline key for tests only");
        Self {
            store,
            incidents: Incidents::new(runner.clone(), incidents, key.clone()),
            tasks: Tasks::new(runner.clone(), tasks, key),
            records: OrdinaryRecords::new(runner.clone(), memory.clone()),
            categories: Categories::new(runner.clone(), memory.clone()),
            views: SavedViews::new(runner.clone(), memory.clone()),
            accounts,
            jobs: Jobs::new(runner.clone(), memory.clone(), JobWaker::default()),
            auth: Auth::new(runner, auth, settings, callers),
            replies: Replies::new(replies, LIFETIME),
        }
    }

    /// Builds a request of this caller with this idempotency key; `body` alone determines its fingerprint.
    pub(crate) fn request(&self, caller: &Principal, key: &str, body: &str) -> KeyedRequest {
        let key = IdempotencyKey::parse(key).expect("a key");
        self.replies.request(caller, key, vec![body.as_bytes().to_vec()]).expect("a user")
    }
}

/// A hasher whose hash is the plaintext password.
pub(crate) fn plaintext_hasher() -> MockPasswordHasher {
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_hash().returning(|password| Ok(PasswordHash::new(password.expose())));
    hasher.expect_verify().returning(|password, hash| Ok(hash.is_some_and(|hash| hash.expose() == password)));
    hasher.expect_is_outdated().return_const(false);
    hasher
}
