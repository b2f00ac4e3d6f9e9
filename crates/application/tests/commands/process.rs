//! One process of a platform: every service over a store of its own making.

use std::{sync::Arc, time::Duration};

use incident_application::{
    AccountPorts, Accounts, Auth, AuthPorts, AuthSettings, Caller, Categories, CategoryPorts, IncidentPorts, Incidents,
    KeyedRequest, Quotas, RecognisedCallers, Replies, ReplyPorts, SavedViewPorts, SavedViews, TaskPorts, Tasks,
};
use incident_domain::{
    IdempotencyKey, PasswordHash, TimelineKey,
    ports::{
        IncidentRepository, MockPasswordHasher, MockRateLimiter, MockTokenIssuer, PasswordHasher, RateLimiter,
        ReplyRepository, ReplySeal, UserRepository,
    },
};
use incident_memory::PlainSeal;

use crate::{watched::Watched, world::World};

/// How long replies are kept.
pub(crate) const LIFETIME: Duration = Duration::from_hours(24);

/// What callers call their request.
pub(crate) const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

/// The ports that tests put something else into.
pub(crate) struct Ports {
    pub(crate) store: Arc<Watched>,
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
        Self::waiting(world, 0)
    }

    /// Ports whose store lets others have their turn so many times before it stores something.
    pub(crate) fn waiting(world: &World, turns_waited: usize) -> Self {
        Self {
            store: Arc::new(Watched::new(&world.memory, turns_waited)),
            incidents: world.memory.clone(),
            users: world.memory.clone(),
            replies: world.memory.clone(),
            seal: Arc::new(PlainSeal),
            hasher: Arc::new(open_hasher()),
            limiter: Arc::new(MockRateLimiter::new()),
            quotas: Quotas::default(),
        }
    }
}

/// Every service that takes commands, and what watches them.
pub(crate) struct Process {
    pub(crate) store: Arc<Watched>,
    pub(crate) incidents: Incidents,
    pub(crate) tasks: Tasks,
    pub(crate) categories: Categories,
    pub(crate) views: SavedViews,
    pub(crate) accounts: Accounts,
    pub(crate) auth: Auth,
    pub(crate) replies: Replies,
}

impl Process {
    pub(crate) fn of(world: &World) -> Self {
        Self::with(world, Ports::over(world))
    }

    pub(crate) fn with(world: &World, ports: Ports) -> Self {
        let Ports { store, incidents, users, replies, seal, hasher, limiter, quotas } = ports;
        let World { memory, clock, ids, secrets } = world;
        let recognised = Arc::new(RecognisedCallers::default());
        let tasks = TaskPorts {
            store: store.clone(),
            tasks: memory.clone(),
            categories: memory.clone(),
            incidents: incidents.clone(),
            users: users.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        };
        let categories =
            CategoryPorts { store: store.clone(), categories: memory.clone(), clock: clock.clone(), ids: ids.clone() };
        let views =
            SavedViewPorts { store: store.clone(), views: memory.clone(), clock: clock.clone(), ids: ids.clone() };
        let incidents = IncidentPorts {
            store: store.clone(),
            incidents,
            numbers: memory.clone(),
            timeline: memory.clone(),
            tasks: memory.clone(),
            categories: memory.clone(),
            search: memory.clone(),
            users: users.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        };
        let accounts = AccountPorts {
            store: store.clone(),
            users: users.clone(),
            hasher: hasher.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        };
        let mut tokens = MockTokenIssuer::new();
        tokens.expect_issue().returning(|claims| Ok(claims.session_id.to_string()));
        let auth = AuthPorts {
            store: store.clone(),
            users,
            sessions: memory.clone(),
            refresh_tokens: memory.clone(),
            api_tokens: memory.clone(),
            hasher,
            tokens: Arc::new(tokens),
            secrets: secrets.clone(),
            limiter,
            clock: clock.clone(),
            ids: ids.clone(),
        };
        let settings = AuthSettings {
            access_token_lifetime: Duration::from_mins(15),
            session_lifetime: Duration::from_hours(24 * 30),
            session_idle_max: Duration::from_hours(24 * 7),
            quotas,
        };
        let replies = ReplyPorts { store: store.clone(), replies, seal, clock: clock.clone() };
        let incidents = Incidents::new(incidents, TimelineKey::new(b"a key that only tests know of"));
        Self {
            store,
            tasks: Tasks::new(tasks, &incidents),
            categories: Categories::new(categories),
            views: SavedViews::new(views),
            incidents,
            accounts: Accounts::new(accounts, recognised.clone()),
            auth: Auth::new(auth, settings, recognised),
            replies: Replies::new(replies, LIFETIME),
        }
    }

    /// What this caller calls by this key; `body` is all that makes the request what it is.
    pub(crate) fn request(&self, caller: &Caller, key: &str, body: &str) -> KeyedRequest {
        let key = IdempotencyKey::parse(key).expect("a key");
        self.replies.request(caller, key, vec![body.as_bytes().to_vec()])
    }
}

/// A hasher whose hash is the password.
pub(crate) fn open_hasher() -> MockPasswordHasher {
    let mut hasher = MockPasswordHasher::new();
    hasher.expect_hash().returning(|password| Ok(PasswordHash::new(password.expose())));
    hasher.expect_verify().returning(|password, hash| Ok(hash.is_some_and(|hash| hash.expose() == password)));
    hasher.expect_is_outdated().return_const(false);
    hasher
}
