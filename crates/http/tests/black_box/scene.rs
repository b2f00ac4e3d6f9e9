//! A server for one test, and its clients.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use incident_application::{
    identity::{Accounts, Auth, AuthPorts, AuthSettings, CallerCache, Quotas},
    incidents::{IncidentPorts, Incidents, ServiceLevels, Statistics},
    kernel::{CommandPorts, CommandRunner, JobWaker, Jobs, Logs, OrdinaryRecords, Replies, ReplyPorts},
    work::{Categories, SavedViews, TaskPorts, Tasks},
};
use incident_domain::{
    identity::{Email, PasswordHash, User},
    incidents::TimelineKey,
    kernel::{
        Clock, EventLog, HealthCheck, IdGenerator, PersonName, ReplyRepository, ReplySeal, Role, SecretGenerator,
        UserId, Version,
    },
    write::{ChangeSet, Store},
};
use incident_http::{
    AppState, ConnectionLimits, ConnectionTimeouts, CorsOrigins, EventLoops, Metrics, ServerHandle, Settings,
    TrustedProxies,
};
use incident_memory::{ManualClock, MemoryStore, PlainSeal, SequentialIds, SequentialSecrets};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::stand_ins::{CountingLimiter, PlainHasher, PlainTokens};

pub(crate) const PASSWORD: &str = "correct horse battery staple";

const REPLY_LIFETIME: Duration = Duration::from_hours(24);

/// The parts of a server before it starts, which a test can replace.
pub(crate) struct Scene {
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) clock: Arc<ManualClock>,
    ids: Arc<SequentialIds>,
    pub(crate) auth: AuthPorts,
    pub(crate) replies: Arc<dyn ReplyRepository>,
    pub(crate) seal: Arc<dyn ReplySeal>,
    pub(crate) events: Arc<dyn EventLog>,
    pub(crate) quotas: Quotas,
    pub(crate) database: Arc<dyn HealthCheck>,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) settings: Settings,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::at("2026-01-31T12:00:00Z".parse().expect("a time")));
        Self::of(Arc::default(), clock, Arc::new(SequentialIds::new()), Arc::new(SequentialSecrets::new()))
    }

    /// Returns the parts of another server on the same store.
    pub(crate) fn beside(&self) -> Self {
        Self::of(self.store.clone(), self.clock.clone(), self.ids.clone(), self.auth.secrets.clone())
    }

    fn of(
        store: Arc<MemoryStore>,
        clock: Arc<ManualClock>,
        ids: Arc<SequentialIds>,
        secrets: Arc<dyn SecretGenerator>,
    ) -> Self {
        let auth = AuthPorts {
            users: store.clone(),
            sessions: store.clone(),
            refresh_tokens: store.clone(),
            api_tokens: store.clone(),
            hasher: Arc::new(PlainHasher),
            tokens: Arc::new(PlainTokens),
            secrets,
            limiter: Arc::new(CountingLimiter::new(clock.clone())),
        };
        Self {
            clock,
            ids,
            auth,
            replies: store.clone(),
            seal: Arc::new(PlainSeal),
            events: store.clone(),
            quotas: Quotas::default(),
            database: store.clone(),
            trusted_proxies: TrustedProxies::default(),
            settings: Settings {
                workers: 1,
                stop_timeout: Duration::ZERO,
                cors_origins: CorsOrigins::default(),
                docs_page: false,
                request_timeout: Duration::from_secs(30),
                requests_in_flight_max: 1024,
                connection_limits: ConnectionLimits::default(),
                connection_timeouts: ConnectionTimeouts::default(),
                tls: None,
            },
            store,
        }
    }

    /// Creates a user with the common [`PASSWORD`].
    pub(crate) async fn user(&self, email: &str, role: Role) -> UserId {
        let user = User {
            id: UserId::new(self.ids.next_id()),
            email: Email::parse(email).expect("an address"),
            name: PersonName::parse("Ada").expect("a name"),
            role,
            is_active: true,
            password_hash: Some(PasswordHash::new(PASSWORD)),
            created_at: self.clock.now(),
            updated_at: self.clock.now(),
            version: Version::FIRST,
        };
        let id = user.id;
        self.store.commit(ChangeSet::new().insert(user)).await.expect("stored");
        id
    }

    /// Starts the server and returns a client without a token.
    pub(crate) fn start(self) -> Client {
        self.start_server().0
    }

    /// The same, with what stops the server, and its end.
    pub(crate) fn start_server(self) -> (Client, ServerHandle, JoinHandle<io::Result<EventLoops>>) {
        let callers = Arc::new(CallerCache::default());
        let runner = Arc::new(CommandRunner::new(CommandPorts {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }));
        let incidents = IncidentPorts {
            incidents: self.store.clone(),
            numbers: self.store.clone(),
            timeline: self.store.clone(),
            search: self.store.clone(),
            users: self.store.clone(),
        };
        let tasks = TaskPorts {
            tasks: self.store.clone(),
            categories: self.store.clone(),
            incidents: self.store.clone(),
            timeline: self.store.clone(),
            users: self.store.clone(),
        };
        let key = TimelineKey::new(b"a key for tests");
        let statistics = Statistics::new(self.store.clone(), self.clock.clone(), ServiceLevels::default());
        let replies =
            ReplyPorts { store: self.store.clone(), replies: self.replies, seal: self.seal, clock: self.clock };
        let settings = AuthSettings {
            access_token_lifetime: Duration::from_mins(15),
            session_lifetime: Duration::from_hours(24),
            session_idle_max: Duration::from_hours(24),
            quotas: self.quotas,
        };
        let state = AppState {
            accounts: Accounts::new(runner.clone(), self.store.clone(), self.auth.hasher.clone(), callers.clone()),
            incidents: Incidents::new(runner.clone(), incidents, key.clone()),
            tasks: Tasks::new(runner.clone(), tasks, key),
            records: OrdinaryRecords::new(runner.clone(), self.store.clone()),
            categories: Categories::new(runner.clone(), self.store.clone()),
            saved_views: SavedViews::new(runner.clone(), self.store.clone()),
            statistics,
            jobs: Jobs::new(runner.clone(), self.store.clone(), JobWaker::default()),
            logs: Logs::new(self.store.clone(), self.events),
            auth: Arc::new(Auth::new(runner, self.auth, settings, callers)),
            replies: Arc::new(Replies::new(replies, REPLY_LIFETIME)),
            readiness: self.store,
            database: self.database,
            ids: self.ids,
            trusted_proxies: self.trusted_proxies,
            metrics: Metrics::none(),
            traces: None,
        };
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let (server, address) = incident_http::bind(address, state, self.settings).expect("a port");
        let handle = server.handle();
        let running = tokio::spawn(server.run());
        (Client { url: format!("http://{address}"), headers: Vec::new() }, handle, running)
    }
}

/// A client of the server, with headers that it sends with every request.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) url: String,
    headers: Vec<(&'static str, String)>,
}

/// A response with its whole body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    /// The body as text.
    pub(crate) text: String,
    /// The body as JSON; `null` if it is none.
    pub(crate) body: Value,
}

impl Client {
    #[must_use]
    pub(crate) fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut client = self.clone();
        client.headers.push((name, value.into()));
        client
    }

    #[must_use]
    pub(crate) fn with_token(&self, token: &Value) -> Self {
        self.with("Authorization", format!("Bearer {}", token.as_str().expect("a token")))
    }

    /// Signs in and returns the client with its token, and all tokens.
    pub(crate) async fn sign_in(&self, email: &str) -> (Self, Value) {
        let answer = self.post("/auth/login", json!({"email": email, "password": PASSWORD})).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        (self.with_token(&answer.body["access_token"]), answer.body)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, &format!("/api/v1{path}"), None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, &format!("/api/v1{path}"), None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, &format!("/api/v1{path}"), Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, &format!("/api/v1{path}"), Some(body)).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = reqwest::Client::new().request(method, format!("{}{path}", self.url));
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body").to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or_default();
        Answer { status, headers, bytes, text, body }
    }
}

impl Answer {
    /// Returns the status and the problem's code.
    pub(crate) fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// Returns the pointer and the code of the only invalid value.
    pub(crate) fn invalid(&self) -> (&str, &str) {
        assert_eq!(self.code(), (422, "validation_failed"), "{}", self.body);
        let errors = self.body["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{errors:?}");
        (errors[0]["pointer"].as_str().expect("a pointer"), errors[0]["code"].as_str().expect("a code"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("text")).unwrap_or_default()
    }
}
