//! The number of SQL statements that authenticating a request takes, counted on a server with the real store and a
//! stopped clock.

use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use incident_domain::{identity::Email, kernel::PersonName};
use incident_http::{ConnectionLimits, ConnectionTimeouts, CorsOrigins, Settings};
use incident_memory::ManualClock;
use incident_server::{
    Adapters,
    config::{Config, Layers},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// Counts log lines instead of writing them: there is one for each statement.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

impl Statements {
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::SeqCst)
    }
}

impl Write for Statements {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Statements {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_request_with_a_cached_session_needs_no_query() {
    let statements = Statements::default();
    let only_statements = EnvFilter::new("off,sqlx::query=debug");
    tracing_subscriber::fmt().with_env_filter(only_statements).with_writer(statements.clone()).init();

    let folder = tempfile::TempDir::new().expect("a folder");
    let layers = Layers::default()
        .with_flag("DATABASE_URL", format!("sqlite://{}", folder.path().join("test.db").display()))
        .with_flag("DATABASE_ECHO", "true")
        .with_flag("SECRET_KEY", "a secret key that only tests know of")
        .with_flag("TIMELINE_KEY", "a timeline key that only tests know")
        .with_flag("BCRYPT_COST", "4");
    let config = Config::from_layers(&layers).expect("a good configuration");
    incident_migrations::up(config.database_url.expose_secret()).await.expect("the schema");
    let clock = Arc::new(ManualClock::at("2026-01-31T12:00:00Z".parse().expect("a time")));
    let mut adapters = Adapters::new(&config).expect("adapters");
    adapters.clock = clock.clone();
    let (email, name) = (Email::parse("ada@example.org"), PersonName::parse("Ada"));
    let password = incident_server::create_admin(&adapters, email.expect("an address"), name.expect("a name")).await;
    let password = password.expect("an administrator");

    let services = adapters.services(&config).expect("services");
    let second = Duration::from_secs(1);
    let settings = Settings {
        workers: 2,
        stop_timeout: second,
        request_timeout: 30 * second,
        requests_in_flight_max: 1024,
        connection_limits: ConnectionLimits::default(),
        connection_timeouts: ConnectionTimeouts::default(),
        cors_origins: CorsOrigins::default(),
        docs_page: false,
        tls: None,
    };
    let (server, address) =
        incident_http::bind(SocketAddr::from(([127, 0, 0, 1], 0)), services, settings).expect("a port");
    let running = tokio::spawn(server.run());
    let (http, api) = (reqwest::Client::new(), format!("http://{address}/api/v1"));
    let login = http.post(format!("{api}/auth/login"));
    let login = login.json(&json!({"email": "ada@example.org", "password": password.expose_secret()}));
    let signed_in: Value = login.send().await.expect("an answer").json().await.expect("JSON");
    let token = signed_in["access_token"].as_str().expect("a token");
    let me = async || {
        let answer = http.get(format!("{api}/users/me")).bearer_auth(token).send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
    };

    assert!(statements.take() > 0, "signing in is not counted");
    me().await;
    assert_eq!(statements.take(), 1, "the first request reads session and user together");
    for _ in 0..200 {
        me().await;
    }
    assert_eq!(statements.take(), 0, "200 requests of a cached session");
    clock.advance(TimeDelta::milliseconds(500));
    me().await;
    assert_eq!(statements.take(), 1, "half a second later the session is read again");
    for token in ["nonsense", &token.replace('.', "x"), &format!("{token}x"), "ipt_nonsense"] {
        let answer = http.get(format!("{api}/users/me")).bearer_auth(token).send().await.expect("an answer");
        assert_eq!(answer.status(), 401);
    }
    clock.advance(TimeDelta::hours(1));
    let expired = http.get(format!("{api}/users/me")).bearer_auth(token).send().await.expect("an answer");
    assert_eq!(expired.status(), 401);
    assert_eq!(statements.take(), 0, "a token that is no good is refused without a look at the store");
    running.abort();
}
