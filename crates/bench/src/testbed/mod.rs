//! What rows measure on: a new database, servers that use it, and an administrator. Everything is removed when the run
//! ends, however it ends.

mod database;
mod options;
mod server;

use std::{collections::BTreeMap, ffi::OsStr, fs, net::SocketAddr, path::Path, process::Command};

use anyhow::Context;
use rustix::fs::statfs;
use serde_json::Value;
use tempfile::TempDir;

use crate::{client::Api, report::Circumstances};

use database::Database;
pub(crate) use database::DatabaseLock;
pub(crate) use options::{ProcessOptions, StoreKind, TestBedOptions};
pub(crate) use server::Server;

const ADMIN_EMAIL: &str = "admin@example.org";

/// A rate limit that no row reaches, unless it is about limits.
const UNLIMITED_PER_MINUTE: &str = "10000000";

/// The settings of every server, unless a row or `--set` changes them.
const SETTINGS: &[(&str, &str)] = &[
    ("API_HOST", "127.0.0.1"),
    ("API_PORT", "0"),
    ("LOG_LEVEL", "warn"),
    ("SECRET_KEY", "signs tokens that only one bench run accepts"),
    ("TIMELINE_KEY", "seals timelines that are deleted after one bench run"),
    // The lowest cost of bcrypt, for rows that sign in only to get a session.
    ("BCRYPT_COST", "4"),
    ("SIGN_INS_PER_MINUTE", UNLIMITED_PER_MINUTE),
    ("SIGN_INS_PER_ACCOUNT_PER_MINUTE", UNLIMITED_PER_MINUTE),
    ("SIGN_INS_PER_ADDRESS_PER_MINUTE", UNLIMITED_PER_MINUTE),
    ("REQUESTS_PER_MINUTE", UNLIMITED_PER_MINUTE),
];

/// The type of file systems in memory (`TMPFS_MAGIC` of `linux/magic.h`).
const TMPFS: rustix::fs::FsWord = 0x0102_1994;

/// A setting of the servers: name and value.
pub(crate) type Setting<'a> = (&'a str, String);

/// A new database with its schema and an administrator, and the settings of the servers that use it.
pub(crate) struct TestBed {
    settings: BTreeMap<String, String>,
    /// Settings of the command line, which override those of the row.
    overrides: Vec<(String, String)>,
    admin_password: String,
    database: Database,
    /// Dropped last, because the database may be in it.
    folder: TempDir,
}

impl TestBed {
    /// Creates the database and the administrator. The row's settings override the common ones.
    pub(crate) async fn create(options: &TestBedOptions, row: &[Setting<'_>]) -> anyhow::Result<Self> {
        let folder = match &options.folder {
            Some(parent) => TempDir::with_prefix_in("incident-bench-", parent),
            None => TempDir::with_prefix("incident-bench-"),
        };
        let folder = folder.context("cannot create a temporary folder")?;
        let database = match options.store {
            StoreKind::Sqlite => Database::sqlite(folder.path()),
            StoreKind::Postgres => {
                let url = options.postgres_url.as_deref();
                Database::postgres(url.context("set BENCH_POSTGRES_URL to the URL of a PostgreSQL server")?).await?
            }
        };
        let common = SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut testbed = Self {
            settings: common.chain([("DATABASE_URL".to_owned(), database.url())]).collect(),
            overrides: options.settings.clone(),
            admin_password: String::new(),
            database,
            folder,
        };
        testbed.change_settings(row);
        testbed.command(&["migrate", "up"])?;
        let output = testbed.command(&["user", "create-admin", "--email", ADMIN_EMAIL])?;
        let password = output.lines().find_map(|line| line.strip_prefix("admin password: "));
        password.context("no password was printed")?.clone_into(&mut testbed.admin_password);
        Ok(testbed)
    }

    /// Changes the settings of servers that are started from now on, except those of the command line.
    pub(crate) fn change_settings(&mut self, row: &[Setting<'_>]) {
        self.settings.extend(row.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        self.settings.extend(self.overrides.iter().cloned());
    }

    /// Starts a server and prints its process id.
    pub(crate) fn start_server(&self) -> anyhow::Result<Server> {
        self.start_server_under(&[])
    }

    /// Starts a server that another program runs, such as a tracer.
    pub(crate) fn start_server_under(&self, program: &[&str]) -> anyhow::Result<Server> {
        Server::launch(self.folder.path(), &self.settings, program)?.announced()
    }

    /// Starts a server without printing its process id, for rows that start many.
    pub(crate) fn restart_server(&self) -> anyhow::Result<Server> {
        self.launch_server()?.listening()
    }

    /// Starts a server without waiting until it listens.
    pub(crate) fn launch_server(&self) -> anyhow::Result<Server> {
        Server::launch(self.folder.path(), &self.settings, &[])
    }

    /// Starts a server that does nothing but respond ([`crate::bare`]), with as many threads as the server under test.
    /// It returns and accepts incidents of the size of this one.
    pub(crate) fn start_bare_server(&self, incident: &Value) -> anyhow::Result<Server> {
        let file = self.folder.path().join("incident.json");
        fs::write(&file, incident.to_string()).context("cannot write an incident to a file")?;
        let mut arguments = vec![OsStr::new("--incident"), file.as_os_str()];
        if let Some(workers) = self.settings.get("API_WORKERS") {
            arguments.extend([OsStr::new("--workers"), OsStr::new(workers)]);
        }
        Server::start_bare(self.folder.path(), &arguments)
    }

    /// Returns the command that starts a worker of background jobs ([`crate::worker`]) on the database.
    pub(crate) fn worker_command(&self) -> anyhow::Result<Command> {
        server::worker_command(self.folder.path(), &self.settings)
    }

    /// Starts several servers and returns them with their addresses.
    pub(crate) fn start_servers(&self, count: u8) -> anyhow::Result<(Vec<Server>, Vec<SocketAddr>)> {
        let servers = (0..count).map(|_| self.start_server()).collect::<anyhow::Result<Vec<_>>>()?;
        let addresses = servers.iter().map(Server::address).collect();
        Ok((servers, addresses))
    }

    /// Signs in the administrator.
    pub(crate) async fn admin(&self, server: SocketAddr) -> anyhow::Result<Api> {
        let mut admin = Api::connect(server).await?;
        admin.sign_in_with(ADMIN_EMAIL, &self.admin_password).await?;
        Ok(admin)
    }

    /// Returns the access token of a new session of the administrator.
    pub(crate) async fn admin_session(&self, server: SocketAddr) -> anyhow::Result<String> {
        let mut admin = Api::connect(server).await?;
        Ok(admin.sign_in_with(ADMIN_EMAIL, &self.admin_password).await?.access)
    }

    /// Returns the access tokens of several sessions.
    pub(crate) async fn admin_sessions(&self, server: SocketAddr, count: usize) -> anyhow::Result<Vec<String>> {
        let mut tokens = Vec::with_capacity(count);
        for _ in 0..count {
            tokens.push(self.admin_session(server).await?);
        }
        Ok(tokens)
    }

    /// Fills the database with generated incidents up to this number, and updates its statistics.
    pub(crate) async fn seed(&self, incidents: u64) -> anyhow::Result<()> {
        self.command(&["seed", "--incidents", &incidents.to_string()])?;
        self.update_statistics().await
    }

    /// Does the same with incidents spread over a year.
    pub(crate) async fn seed_a_year(&self, incidents: u64) -> anyhow::Result<()> {
        self.command(&["seed", "--days", "365", "--incidents", &incidents.to_string()])?;
        self.update_statistics().await
    }

    /// Updates the statistics of the database, which PostgreSQL otherwise does after a while.
    pub(crate) async fn update_statistics(&self) -> anyhow::Result<()> {
        self.database.update_statistics().await
    }

    /// Returns the number that a query selects.
    pub(crate) async fn query_number(&self, sql: &'static str) -> anyhow::Result<i64> {
        self.database.query_number(sql).await
    }

    pub(crate) fn database_url(&self) -> String {
        self.database.url()
    }

    /// Returns the folder for temporary files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Locks the SQLite file against writes of other processes.
    pub(crate) async fn lock_database(&self) -> anyhow::Result<DatabaseLock> {
        DatabaseLock::acquire(&self.database.url()).await
    }

    /// Returns the value of a setting; empty if it is not set.
    pub(crate) fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Returns what all measurements depend on.
    pub(crate) fn circumstances(&self) -> Circumstances {
        let mut circumstances = Circumstances::default()
            .with("store", self.database.name())
            .with("build", if cfg!(debug_assertions) { "debug: timings mean nothing" } else { "release" })
            .with("processors", std::thread::available_parallelism().map_or(0, usize::from))
            .with("bcrypt cost", self.setting("BCRYPT_COST"));
        if self.is_in_memory() {
            circumstances = circumstances.with("folder", "in memory: flushes of SQLite cost nothing");
        }
        if !self.overrides.is_empty() {
            let settings: Vec<String> = self.overrides.iter().map(|(name, value)| format!("{name}={value}")).collect();
            circumstances = circumstances.with("settings", settings.join(", "));
        }
        circumstances
    }

    /// Whether the SQLite file is in a file system without a disk.
    fn is_in_memory(&self) -> bool {
        self.store() == StoreKind::Sqlite && statfs(self.folder.path()).is_ok_and(|system| system.f_type == TMPFS)
    }

    pub(crate) const fn store(&self) -> StoreKind {
        match self.database {
            Database::Sqlite { .. } => StoreKind::Sqlite,
            Database::Postgres(_) => StoreKind::Postgres,
        }
    }

    /// Runs a command of the server to its end and returns its output.
    pub(crate) fn command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        server::run_to_end(self.folder.path(), &self.settings, arguments)
    }
}
