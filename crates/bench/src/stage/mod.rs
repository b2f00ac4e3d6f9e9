//! What a row is measured on: a new database, servers on it, and their administrator. All of it goes when
//! the run ends, whichever way.

mod database;
mod proxy;
mod server;

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use rustix::fs::statfs;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::Api;

use database::Database;
pub(crate) use database::Lock;
pub(crate) use proxy::Proxy;
pub(crate) use server::Server;

/// The administrator whom every stage has.
const ADMIN_EMAIL: &str = "admin@example.org";

/// So many a minute that nothing meets a limit, unless a row is about limits.
const UNLIMITED_PER_MINUTE: &str = "10000000";

/// What the servers get, unless a row or `--set` says otherwise.
const SETTINGS: &[(&str, &str)] = &[
    ("API_HOST", "127.0.0.1"),
    ("API_PORT", "0"),
    ("LOG_LEVEL", "warn"),
    ("SECRET_KEY", "signs tokens that nobody but a bench run accepts"),
    ("TIMELINE_KEY", "seals timelines that are gone after a bench run"),
    // The least that bcrypt knows, for rows in which signing in is only the way to a session.
    ("BCRYPT_COST", "4"),
    ("SIGN_INS_PER_MINUTE", UNLIMITED_PER_MINUTE),
    ("SIGN_INS_PER_ADDRESS_PER_MINUTE", UNLIMITED_PER_MINUTE),
    ("REQUESTS_PER_MINUTE", UNLIMITED_PER_MINUTE),
];

/// How Linux marks file systems in memory (`TMPFS_MAGIC` of `linux/magic.h`).
const TMPFS: rustix::fs::FsWord = 0x0102_1994;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreKind {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of its own on the server that `BENCH_POSTGRES_URL` names.
    Postgres,
}

/// What every row lets one choose about its stage.
#[derive(Clone, Debug, Args)]
pub(crate) struct StageOptions {
    /// Which database to use
    #[arg(long, value_enum, default_value_t = StoreKind::Sqlite)]
    pub(crate) store: StoreKind,
    /// The PostgreSQL server, with a user who may create databases
    #[arg(long, value_name = "URL", env = "BENCH_POSTGRES_URL", hide_env_values = true)]
    pub(crate) postgres_url: Option<String>,
    /// Where the temporary folder is made, with the SQLite file in it [default: the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// A setting of the server over what the row chooses, such as API_WORKERS=1; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    pub(crate) settings: Vec<(String, String)>,
}

/// A setting of the server under test.
pub(crate) type Setting<'a> = (&'a str, String);

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A new database with its schema and an administrator, and the settings of the servers on it.
pub(crate) struct Stage {
    settings: BTreeMap<String, String>,
    given: Vec<(String, String)>,
    admin_password: String,
    database: Database,
    /// Last, since the database may be in it.
    folder: TempDir,
}

impl Stage {
    /// Makes the database and the administrator, with the row's own settings over the usual ones.
    pub(crate) async fn set_up(options: &StageOptions, row: &[Setting<'_>]) -> anyhow::Result<Self> {
        let folder = match &options.folder {
            Some(parent) => TempDir::with_prefix_in("incident-bench-", parent),
            None => TempDir::with_prefix("incident-bench-"),
        };
        let folder = folder.context("cannot make a temporary folder")?;
        let database = match options.store {
            StoreKind::Sqlite => Database::sqlite(folder.path()),
            StoreKind::Postgres => {
                let url = options.postgres_url.as_deref();
                Database::postgres(url.context("set BENCH_POSTGRES_URL to the url of a PostgreSQL server")?).await?
            }
        };
        let usual = SETTINGS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut stage = Self {
            settings: usual.chain([("DATABASE_URL".to_owned(), database.url())]).collect(),
            given: options.settings.clone(),
            admin_password: String::new(),
            database,
            folder,
        };
        stage.change_settings(row);
        stage.command(&["migrate", "up"])?;
        let said = stage.command(&["user", "create-admin", "--email", ADMIN_EMAIL])?;
        let password = said.lines().find_map(|line| line.strip_prefix("admin password: "));
        password.context("no password was shown")?.clone_into(&mut stage.admin_password);
        Ok(stage)
    }

    /// Changes what servers get that are started from now on; what the command line gave stays.
    pub(crate) fn change_settings(&mut self, row: &[Setting<'_>]) {
        self.settings.extend(row.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        self.settings.extend(self.given.iter().cloned());
    }

    /// Starts a server on the database; there may be several.
    pub(crate) fn start_server(&self) -> anyhow::Result<Server> {
        self.start_server_under(&[])
    }

    /// Starts a server that another program runs.
    pub(crate) fn start_server_under(&self, program: &[&str]) -> anyhow::Result<Server> {
        Server::start(self.folder.path(), &self.settings, program)
    }

    /// Starts a server anew without a word about it, as a row does that starts many.
    pub(crate) fn restart_server(&self) -> anyhow::Result<Server> {
        let mut server = self.launch_server()?;
        server.wait_until_it_listens()?;
        Ok(server)
    }

    /// Starts a server and waits for nothing, not even that it listens.
    pub(crate) fn launch_server(&self) -> anyhow::Result<Server> {
        Server::launch(self.folder.path(), &self.settings, &[])
    }

    /// Starts a server that does as little as a server can, with as many threads as the server under test has; see
    /// [`crate::bare`]. It shows and takes incidents of the size of this one.
    pub(crate) fn start_bare_server(&self, incident: &Value) -> anyhow::Result<Server> {
        let file = self.folder.path().join("incident.json");
        fs::write(&file, incident.to_string()).context("cannot write an incident to a file")?;
        let mut arguments = vec![OsStr::new("--incident"), file.as_os_str()];
        if let Some(workers) = self.settings.get("API_WORKERS") {
            arguments.extend([OsStr::new("--workers"), OsStr::new(workers)]);
        }
        Server::start_bare(self.folder.path(), &arguments)
    }

    /// Starts several.
    pub(crate) fn start_servers(&self, count: usize) -> anyhow::Result<Vec<Server>> {
        (0..count).map(|_| self.start_server()).collect()
    }

    /// The administrator, signed in.
    pub(crate) async fn admin(&self, server: &Server) -> anyhow::Result<Api> {
        let mut admin = Api::connect(server.address()).await?;
        admin.sign_in_with(ADMIN_EMAIL, &self.admin_password).await?;
        Ok(admin)
    }

    /// The access token of a new session of the administrator.
    pub(crate) async fn admin_session(&self, server: &Server) -> anyhow::Result<String> {
        let mut admin = Api::connect(server.address()).await?;
        Ok(admin.sign_in_with(ADMIN_EMAIL, &self.admin_password).await?.access)
    }

    /// The number that a query of the database answers.
    pub(crate) async fn query_number(&self, sql: &'static str) -> anyhow::Result<i64> {
        self.database.query_number(sql).await
    }

    /// Lets the database take stock after it was filled.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        self.database.settle().await
    }

    /// Where the database is.
    pub(crate) fn database_url(&self) -> String {
        self.database.url()
    }

    /// Where files can be put that go with the run.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Keeps everybody else from writing to the SQLite file.
    pub(crate) async fn lock_database(&self) -> anyhow::Result<Lock> {
        Lock::take(&self.database.url()).await
    }

    /// The value of a server's setting.
    pub(crate) fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Under which circumstances is measured, for the report.
    pub(crate) fn circumstances(&self) -> Vec<(&'static str, String)> {
        let mut circumstances = vec![
            ("store", self.database.name().to_owned()),
            ("build", if cfg!(debug_assertions) { "debug: timings mean nothing" } else { "release" }.to_owned()),
            ("processors", std::thread::available_parallelism().map_or(0, usize::from).to_string()),
            ("bcrypt cost", self.setting("BCRYPT_COST").to_owned()),
        ];
        if self.is_in_memory() {
            circumstances.push(("folder", "in memory: what SQLite flushes costs nothing here".to_owned()));
        }
        if !self.given.is_empty() {
            let given: Vec<String> = self.given.iter().map(|(name, value)| format!("{name}={value}")).collect();
            circumstances.push(("settings", given.join(", ")));
        }
        circumstances
    }

    /// Whether the SQLite file is in a file system that has no disk under it.
    fn is_in_memory(&self) -> bool {
        matches!(self.database, Database::Sqlite { .. })
            && statfs(self.folder.path()).is_ok_and(|system| system.f_type == TMPFS)
    }

    /// Which kind of database it has.
    pub(crate) const fn store(&self) -> StoreKind {
        match self.database {
            Database::Sqlite { .. } => StoreKind::Sqlite,
            Database::Postgres { .. } => StoreKind::Postgres,
        }
    }

    /// Runs a command of the server that ends by itself, and answers what it said.
    pub(crate) fn command(&self, arguments: &[&str]) -> anyhow::Result<String> {
        server::run_to_end(self.folder.path(), &self.settings, arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_a_name_and_a_value() {
        assert_eq!(setting("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert!(setting("A").is_err());
    }
}
