//! A server for one test, and clients that check every answer's form.

mod client;
mod database;
mod people;
mod running;
mod watch;

use std::net::SocketAddr;

use incident_domain::{Email, PersonName};
use incident_server::{
    Adapters,
    config::{Config, Layers},
};
use tokio::sync::OnceCell;

pub(crate) use client::{Answer, Client, errors, part_of, send};
pub(crate) use database::Database;
pub(crate) use people::{Person, ROLES, new_email, new_password};
pub(crate) use running::Running;
pub(crate) use watch::{Listener, Watch, watch};

pub(crate) const ADMIN_EMAIL: &str = "admin@example.org";

/// Signs the access tokens of every test's server.
pub(crate) const SECRET_KEY: &str = "a secret key that only tests know of";

/// Seals the timelines and the kept replies of every test's server.
pub(crate) const TIMELINE_KEY: &str = "a timeline key that only tests know";

/// The settings of a test. Limits are so high that no test meets them by accident, and statements are logged, so
/// that a secret among them would be seen.
const SETTINGS: [(&str, &str); 10] = [
    ("API_PORT", "0"),
    ("API_WORKERS", "2"),
    ("DATABASE_CONNECTIONS_MAX", "4"),
    ("DATABASE_ECHO", "true"),
    ("SECRET_KEY", SECRET_KEY),
    ("TIMELINE_KEY", TIMELINE_KEY),
    ("BCRYPT_COST", "4"),
    ("SIGN_INS_PER_MINUTE", "1000000"),
    ("SIGN_INS_PER_ADDRESS_PER_MINUTE", "1000000"),
    ("REQUESTS_PER_MINUTE", "6000000"),
];

/// A running server with a fresh database and one administrator.
pub(crate) struct TestServer {
    running: Option<Running>,
    pub(crate) database: Database,
    config: Config,
    admin_password: String,
    root: OnceCell<Client>,
    log: Listener,
}

/// The configuration of a test, over nothing but the built-in defaults.
pub(crate) fn config(database_url: &str) -> Config {
    config_with(database_url, &[])
}

fn config_with(database_url: &str, settings: &[(&'static str, &str)]) -> Config {
    let mut layers = Layers::default().with_flag("DATABASE_URL", database_url);
    for (name, value) in SETTINGS.iter().copied().chain(settings.iter().copied()) {
        layers = layers.with_flag(name, value);
        if name.ends_with("_KEY") {
            watch().keep_secret(value);
        }
    }
    Config::from_layers(&layers).expect("a good configuration")
}

pub(crate) async fn create_admin(config: &Config) -> String {
    let adapters = Adapters::new(config).expect("adapters");
    let email = Email::parse(ADMIN_EMAIL).expect("an address");
    let name = PersonName::parse("Ada").expect("a name");
    let password = incident_server::create_admin(&adapters, email, name).await.expect("an administrator");
    adapters.store.close().await;
    watch().keep_secret(password.expose());
    password.expose().to_owned()
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A server with some settings of its own.
    pub(crate) async fn start_with(settings: &[(&'static str, &str)]) -> Self {
        let log = watch().listen();
        Self::start_on(Database::create().await, settings, log).await
    }

    /// A server on PostgreSQL, whatever the other tests run on.
    pub(crate) async fn start_on_postgres() -> Self {
        let log = watch().listen();
        Self::start_on(Database::postgres().await, &[], log).await
    }

    async fn start_on(database: Database, settings: &[(&'static str, &str)], log: Listener) -> Self {
        let config = config_with(&database.url(), settings);
        incident_migrations::up(config.database_url.expose()).await.expect("the schema");
        let admin_password = create_admin(&config).await;
        let running = Some(Running::start(&config));
        Self { running, database, config, admin_password, root: OnceCell::new(), log }
    }

    /// Another server on the same database.
    pub(crate) fn start_beside(&self) -> Running {
        Running::start(&self.config)
    }

    /// Another server on the same database, with some settings of its own.
    pub(crate) fn start_beside_with(&self, settings: &[(&'static str, &str)]) -> Running {
        Running::start(&config_with(&self.database.url(), settings))
    }

    /// Ends the server, and starts another one on the same database.
    pub(crate) async fn restart(&mut self) {
        if let Some(running) = self.running.take() {
            running.end().await;
        }
        self.running = Some(Running::start(&self.config));
        self.root = OnceCell::new();
    }

    /// The server itself, to tell clients of another one about.
    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().expect("a server")
    }

    /// A client that has just signed in as the administrator.
    pub(crate) async fn admin(&self) -> Client {
        self.client().sign_in(ADMIN_EMAIL, &self.admin_password).await
    }

    /// The administrator who prepares things, signed in once.
    pub(crate) async fn root(&self) -> &Client {
        self.root.get_or_init(|| self.admin()).await
    }

    /// A client that is not signed in.
    pub(crate) fn client(&self) -> Client {
        self.running().client()
    }

    pub(crate) fn admin_password(&self) -> &str {
        &self.admin_password
    }

    /// What was said since the server was started, by it and by those that run beside it.
    pub(crate) const fn log(&self) -> &Listener {
        &self.log
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.running = None;
        // A test that fails has its own reason.
        if !std::thread::panicking() {
            let leaks = self.log.leaks();
            assert!(leaks.is_empty(), "secrets in the log: {leaks:#?}");
        }
    }
}

pub(crate) fn url_of(address: SocketAddr) -> String {
    format!("http://{address}")
}
