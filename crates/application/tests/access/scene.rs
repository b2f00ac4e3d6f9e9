//! The identity services over an in-memory store, with users that have passwords.

use std::{
    sync::{Arc, atomic::AtomicU32},
    time::Duration,
};

use incident_application::{
    identity::{Accounts, Auth, AuthError, AuthPorts, AuthSettings, CallerCache, Device, Quotas, SignedIn},
    kernel::{CommandPorts, CommandRunner, Principal},
};
use incident_domain::{
    identity::{Email, LiveSessions, Role, Session, SessionRepository, User},
    kernel::{
        Action, ActionFilter, ActionRepository, Clock, Direction, IdGenerator, PageRequest, PageSize, PersonName,
        Repository, SessionId, UserId, Version,
    },
    write::{ChangeSet, Store},
};
use incident_memory::{ManualClock, MemoryStore, SequentialIds, SequentialSecrets};

use crate::doubles::{CountingSessions, ManualClockLimiter, PlaintextHasher, PlaintextTokens};

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const TOKEN_MINUTES: i64 = 15;
pub(crate) const SESSION_DAYS: i64 = 30;
pub(crate) const IDLE_DAYS: i64 = 7;

/// The state that all replicas share, and the services of one of them.
pub(crate) struct Scene {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pub(crate) hasher: Arc<PlaintextHasher>,
    pub(crate) sessions: Arc<CountingSessions>,
    pub(crate) auth: Auth,
    pub(crate) accounts: Accounts,
    secrets: Arc<SequentialSecrets>,
    limiter: Arc<ManualClockLimiter>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with_quotas(Quotas::default())
    }

    pub(crate) fn with_quotas(quotas: Quotas) -> Self {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(ManualClock::at("2026-01-31T12:00:00Z".parse().expect("a time")));
        let ids = Arc::new(SequentialIds::new());
        let hasher = Arc::new(PlaintextHasher::new(store.clone()));
        let sessions = Arc::new(CountingSessions { store: store.clone(), found: AtomicU32::new(0) });
        let (secrets, limiter) = (Arc::new(SequentialSecrets::new()), Arc::new(ManualClockLimiter::new(clock.clone())));
        let callers = Arc::new(CallerCache::default());
        let ports = CommandPorts { store: store.clone(), clock: clock.clone(), ids: ids.clone() };
        let runner = Arc::new(CommandRunner::new(ports));
        let accounts = Accounts::new(runner.clone(), store.clone(), hasher.clone(), callers.clone());
        let ports = AuthPorts {
            users: store.clone(),
            sessions: sessions.clone(),
            refresh_tokens: store.clone(),
            api_tokens: store.clone(),
            hasher: hasher.clone(),
            tokens: Arc::new(PlaintextTokens),
            secrets: secrets.clone(),
            limiter: limiter.clone(),
        };
        let auth = Auth::new(runner, ports, settings(quotas), callers);
        Self { store, clock, ids, hasher, sessions, auth, accounts, secrets, limiter }
    }

    /// Creates another replica over the same store, with its own caller cache.
    pub(crate) fn replica(&self) -> Auth {
        let (store, clock, ids) = (self.store.clone(), self.clock.clone(), self.ids.clone());
        let ports = CommandPorts { store, clock, ids };
        let runner = Arc::new(CommandRunner::new(ports));
        let ports = AuthPorts {
            users: self.store.clone(),
            sessions: self.sessions.clone(),
            refresh_tokens: self.store.clone(),
            api_tokens: self.store.clone(),
            hasher: self.hasher.clone(),
            tokens: Arc::new(PlaintextTokens),
            secrets: self.secrets.clone(),
            limiter: self.limiter.clone(),
        };
        Auth::new(runner, ports, settings(Quotas::default()), Arc::default())
    }

    /// Creates an active user whose password is [`PASSWORD`].
    pub(crate) async fn user(&self, role: Role) -> User {
        let id = UserId::new(self.ids.next_id());
        let user = User {
            id,
            email: Email::parse(format!("{id}@example.org")).expect("an address"),
            name: PersonName::parse("Ada").expect("a name"),
            role,
            is_active: true,
            password_hash: Some(self.hasher.made(PASSWORD)),
            created_at: self.clock.now(),
            updated_at: self.clock.now(),
            version: Version::FIRST,
        };
        self.store.commit(ChangeSet::new().insert(user.clone())).await.expect("stored");
        user
    }

    pub(crate) async fn current(&self, user: &User) -> User {
        Repository::<User>::find(&*self.store, user.id).await.expect("readable").expect("there")
    }

    pub(crate) async fn sign_in(&self, user: &User) -> SignedIn {
        self.try_sign_in(user, PASSWORD).await.expect("signed in")
    }

    pub(crate) async fn try_sign_in(&self, user: &User, password: &str) -> Result<SignedIn, AuthError> {
        self.auth.sign_in(&user.email, password.to_owned(), device()).await
    }

    /// Creates a user of this role, signs them in, and returns them as an authenticated caller.
    pub(crate) async fn caller(&self, role: Role) -> Principal {
        let signed_in = self.sign_in(&self.user(role).await).await;
        self.recognise(&signed_in).await.expect("recognised")
    }

    pub(crate) async fn recognise(&self, signed_in: &SignedIn) -> Result<Principal, AuthError> {
        self.auth.authenticate(signed_in.access_token.expose(), None).await
    }

    /// Returns all actions, newest first; they fit on one page.
    pub(crate) async fn actions(&self) -> Vec<Action> {
        let page = PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).expect("a size") };
        let page = ActionRepository::list(&*self.store, &ActionFilter::default(), Direction::Descending, page)
            .await
            .expect("readable");
        assert!(!page.has_more, "there are more than a page");
        page.items
    }

    /// Returns the live sessions of a user, oldest first.
    pub(crate) async fn live(&self, user: UserId) -> Vec<Session> {
        let idle_max = chrono::TimeDelta::days(IDLE_DAYS);
        let filter = LiveSessions { user_id: user, now: self.clock.now(), idle_max };
        let page = PageRequest::After { cursor: None, size: PageSize::DEFAULT };
        let mut sessions = SessionRepository::list(&*self.store, &filter, page).await.expect("readable").items;
        sessions.reverse();
        sessions
    }

    pub(crate) async fn session(&self, id: SessionId) -> Session {
        self.store.find_with_user(id).await.expect("readable").expect("there").0
    }
}

fn settings(quotas: Quotas) -> AuthSettings {
    let days = |days: i64| Duration::from_secs(86_400 * days.unsigned_abs());
    AuthSettings {
        access_token_lifetime: Duration::from_secs(60 * TOKEN_MINUTES.unsigned_abs()),
        session_lifetime: days(SESSION_DAYS),
        session_idle_max: days(IDLE_DAYS),
        quotas,
    }
}

pub(crate) fn device() -> Device {
    Device {
        user_agent: Some("curl/8.5.0".to_owned()),
        ip: Some("192.0.2.7".to_owned()),
        request_id: Some("request-1".to_owned()),
    }
}

/// Returns the caller's session ID.
pub(crate) fn session_of(caller: &Principal) -> SessionId {
    caller.origin.session_id.expect("a session")
}

/// Returns the same caller with an API token instead of a session.
pub(crate) fn as_machine(caller: &Principal) -> Principal {
    let mut machine = caller.clone();
    machine.origin.session_id = None;
    machine
}

/// Returns the caller's user ID.
pub(crate) fn id_of(caller: &Principal) -> UserId {
    caller.require_user().expect("a user")
}

/// Returns the caller's role.
pub(crate) fn role_of(caller: &Principal) -> Option<&'static Role> {
    Role::ALL.iter().rev().find(|role| caller.require(**role).is_ok())
}
