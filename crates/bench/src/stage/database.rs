//! A database that goes with the run.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use anyhow::Context;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions,
};

/// How long a lock on a SQLite file is waited for, while others write.
const LOCK_TIME_MAX: Duration = Duration::from_secs(30);

pub(super) enum Database {
    /// In the stage's temporary folder, which goes with the stage.
    Sqlite {
        file: PathBuf,
    },
    Postgres {
        server_url: String,
        name: String,
    },
}

impl Database {
    pub(super) fn sqlite(folder: &Path) -> Self {
        Self::Sqlite { file: folder.join("bench.db") }
    }

    /// A new database on a server.
    pub(super) async fn postgres(server_url: &str) -> anyhow::Result<Self> {
        static DATABASES: AtomicU32 = AtomicU32::new(1);
        let name = format!("incident_bench_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
        // One that a killed run of the same process id left behind.
        execute(server_url, drop_statement(&name)).await?;
        execute(server_url, format!("CREATE DATABASE {name}")).await?;
        Ok(Self::Postgres { server_url: server_url.to_owned(), name })
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }

    pub(super) fn url(&self) -> String {
        match self {
            Self::Sqlite { file } => format!("sqlite://{}", file.display()),
            Self::Postgres { server_url, name } => {
                let (path, options) = server_url.split_once('?').unwrap_or((server_url, ""));
                let server = path.rsplit_once('/').map_or(path, |(server, _)| server);
                let mark = if options.is_empty() { "" } else { "?" };
                format!("{server}/{name}{mark}{options}")
            }
        }
    }

    /// Lets the database take stock of what it holds, as PostgreSQL does by itself after a while.
    pub(super) async fn settle(&self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite { .. } => Ok(()),
            Self::Postgres { .. } => execute(&self.url(), "VACUUM ANALYZE".to_owned()).await,
        }
    }

    pub(super) async fn query_number(&self, sql: &'static str) -> anyhow::Result<i64> {
        let number = match self {
            Self::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&self.url()).await?;
                let number = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
                connection.close().await?;
                number
            }
            Self::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url()).await?;
                let number = sqlx::query_scalar(sql).fetch_one(&mut connection).await?;
                connection.close().await?;
                number
            }
        };
        Ok(number)
    }
}

/// A SQLite file to which nobody else can write.
pub(crate) struct Lock(SqliteConnection);

impl Lock {
    pub(super) async fn take(url: &str) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?.busy_timeout(LOCK_TIME_MAX);
        let mut connection = options.connect().await?;
        connection.execute("BEGIN EXCLUSIVE").await.context("the file cannot be locked")?;
        Ok(Self(connection))
    }

    pub(crate) async fn release(mut self) -> anyhow::Result<()> {
        self.0.execute("ROLLBACK").await?;
        self.0.close().await?;
        Ok(())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Self::Postgres { server_url, name } = self else { return };
        let (server_url, statement) = (server_url.clone(), drop_statement(name));
        // A value is dropped on a thread of the runtime, which cannot wait for another future there.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(execute(&server_url, statement))
        });
        // A database that stays behind is in nobody's way; the next run of this process id takes it away.
        let _ = dropping.join();
    }
}

fn drop_statement(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

async fn execute(url: &str, statement: String) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await.context("PostgreSQL does not answer")?;
    // The statements are this file's own, with a name that is digits and underscores.
    connection.execute(AssertSqlSafe(statement)).await?;
    connection.close().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_on_the_server_that_was_named() {
        let database = Database::Sqlite { file: "/tmp/x/bench.db".into() };
        assert_eq!(database.url(), "sqlite:///tmp/x/bench.db");
        for options in ["", "?sslmode=disable"] {
            let server_url = format!("postgres://somebody@127.0.0.1:5432/postgres{options}");
            let database =
                std::mem::ManuallyDrop::new(Database::Postgres { server_url, name: "incident_bench_1".to_owned() });
            assert_eq!(database.url(), format!("postgres://somebody@127.0.0.1:5432/incident_bench_1{options}"));
        }
    }
}
