//! Databases that are dropped with the run.

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

/// How long to wait for a lock on a SQLite file to which others write.
const LOCK_TIME_MAX: Duration = Duration::from_secs(30);

pub(super) enum Database {
    /// In the temporary folder of the test bed, which is removed with it.
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

    /// Creates a database on a server.
    pub(super) async fn postgres(server_url: &str) -> anyhow::Result<Self> {
        static DATABASES: AtomicU32 = AtomicU32::new(1);
        let name = format!("incident_bench_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
        // A killed run with the same process id may have left one.
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

    pub(super) async fn update_statistics(&self) -> anyhow::Result<()> {
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

/// An exclusive lock on a SQLite file.
pub(crate) struct DatabaseLock(SqliteConnection);

impl DatabaseLock {
    pub(super) async fn acquire(url: &str) -> anyhow::Result<Self> {
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
        // `drop` runs on a thread of a runtime, which cannot wait for another future.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(execute(&server_url, statement))
        });
        // If this fails, the next run with the same process id drops the database.
        let _ = dropping.join();
    }
}

fn drop_statement(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

async fn execute(url: &str, statement: String) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await.context("PostgreSQL does not respond")?;
    // The statements are those of this file, with a name of letters, digits and underscores.
    connection.execute(AssertSqlSafe(statement)).await?;
    connection.close().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_on_the_server_of_the_url() {
        let database = Database::Sqlite { file: "/data/x/bench.db".into() };
        assert_eq!(database.url(), "sqlite:///data/x/bench.db");
        for options in ["", "?sslmode=disable"] {
            let server_url = format!("postgres://user@127.0.0.1:5432/postgres{options}");
            let database =
                std::mem::ManuallyDrop::new(Database::Postgres { server_url, name: "incident_bench_1".to_owned() });
            assert_eq!(database.url(), format!("postgres://user@127.0.0.1:5432/incident_bench_1{options}"));
        }
    }
}
