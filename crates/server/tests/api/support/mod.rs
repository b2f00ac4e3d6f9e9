//! A server for one test, and clients that check the form of every response.

mod client;
mod database;
mod people;
mod running;
mod watch;

use std::net::SocketAddr;

use incident_domain::{identity::Email, kernel::PersonName};
use incident_server::{
    Adapters,
    config::{Config, Layers},
};
use secrecy::ExposeSecret;
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

/// The settings of a test. Limits are too high to be reached by accident, and statements are logged so that a secret in
/// them is found.
const SETTINGS: [(&str, &str); 11] = [
    ("API_PORT", "0"),
    ("API_WORKERS", "2"),
    ("DATABASE_CONNECTIONS_MAX", "4"),
    ("DATABASE_ECHO", "true"),
    ("SECRET_KEY", SECRET_KEY),
    ("TIMELINE_KEY", TIMELINE_KEY),
    ("BCRYPT_COST", "4"),
    ("SIGN_INS_PER_MINUTE", "1000000"),
    ("SIGN_INS_PER_ACCOUNT_PER_MINUTE", "1000000"),
    ("SIGN_INS_PER_ADDRESS_PER_MINUTE", "1000000"),
    ("REQUESTS_PER_MINUTE", "6000000"),
];

/// A running server with a new database and one administrator.
pub(crate) struct TestServer {
    running: Option<Running>,
    pub(crate) database: Database,
    config: Config,
    admin_password: String,
    root: OnceCell<Client>,
    log: Listener,
}

/// Returns the configuration of a test, based on the built-in defaults only.
pub(crate) fn config(database_url: &str) -> Config {
    config_with(database_url, &[])
}

fn config_with(database_url: &str, settings: &[(&'static str, &str)]) -> Config {
    let mut layers = Layers::default().with_flag("DATABASE_URL", database_url);
    for (name, value) in SETTINGS.iter().copied().chain(settings.iter().copied()) {
        layers = layers.with_flag(name, value);
        if name.ends_with("_KEY") {
            watch().register_secret(value);
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
    watch().register_secret(password.expose_secret());
    password.expose_secret().to_owned()
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts a server with these settings.
    pub(crate) async fn start_with(settings: &[(&'static str, &str)]) -> Self {
        let log = watch().listen();
        Self::start_on(Database::create().await, settings, log).await
    }

    /// Starts a server on PostgreSQL, whatever `TEST_STORE` says.
    pub(crate) async fn start_on_postgres() -> Self {
        let log = watch().listen();
        Self::start_on(Database::postgres().await, &[], log).await
    }

    async fn start_on(database: Database, settings: &[(&'static str, &str)], log: Listener) -> Self {
        let config = config_with(&database.url(), settings);
        incident_migrations::up(config.database_url.expose_secret()).await.expect("the schema");
        let admin_password = create_admin(&config).await;
        let running = Some(Running::start(&config));
        Self { running, database, config, admin_password, root: OnceCell::new(), log }
    }

    /// Starts another server on the same database.
    pub(crate) fn start_second(&self) -> Running {
        Running::start(&self.config)
    }

    /// Starts another server on the same database with these settings.
    pub(crate) fn start_second_with(&self, settings: &[(&'static str, &str)]) -> Running {
        Running::start(&config_with(&self.database.url(), settings))
    }

    /// Stops the server and starts another one on the same database.
    pub(crate) async fn restart(&mut self) {
        if let Some(running) = self.running.take() {
            running.end().await;
        }
        self.running = Some(Running::start(&self.config));
        self.root = OnceCell::new();
    }

    /// Returns the running server.
    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().expect("a server")
    }

    /// Returns a client with a new session of the administrator.
    pub(crate) async fn admin(&self) -> Client {
        self.client().sign_in(ADMIN_EMAIL, &self.admin_password).await
    }

    /// Returns the administrator's client for preparations, signed in once.
    pub(crate) async fn root(&self) -> &Client {
        self.root.get_or_init(|| self.admin()).await
    }

    /// Returns a client without a session.
    pub(crate) fn client(&self) -> Client {
        self.running().client()
    }

    pub(crate) fn admin_password(&self) -> &str {
        &self.admin_password
    }

    /// Returns the log since the server was started, of all servers in the process.
    pub(crate) const fn log(&self) -> &Listener {
        &self.log
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.running = None;
        // A failed test already has a reason.
        if !std::thread::panicking() {
            let leaks = self.log.leaks();
            assert!(leaks.is_empty(), "secrets in the log: {leaks:#?}");
        }
    }
}

pub(crate) fn url_of(address: SocketAddr) -> String {
    format!("http://{address}")
}
