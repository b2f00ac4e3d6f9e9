//! Databases that are dropped with the run.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use anyhow::Context;
use incident_test_support::PostgresDatabase;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};

/// How long to wait for a lock on a SQLite file to which others write.
const LOCK_TIME_MAX: Duration = Duration::from_secs(30);

pub(super) enum Database {
    /// In the temporary folder of the test bed, which is removed with it.
    Sqlite {
        file: PathBuf,
    },
    Postgres(PostgresDatabase),
}

impl Database {
    pub(super) fn sqlite(folder: &Path) -> Self {
        Self::Sqlite { file: folder.join("bench.db") }
    }

    /// Creates a database on a server.
    pub(super) async fn postgres(server_url: &str) -> anyhow::Result<Self> {
        let database = PostgresDatabase::create_on(server_url).await.context("PostgreSQL does not respond")?;
        Ok(Self::Postgres(database))
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    pub(super) fn url(&self) -> String {
        match self {
            Self::Sqlite { file } => format!("sqlite://{}", file.display()),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }

    pub(super) async fn update_statistics(&self) -> anyhow::Result<()> {
        match self {
            Self::Sqlite { .. } => Ok(()),
            Self::Postgres(database) => Ok(database.execute("VACUUM ANALYZE").await?),
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
            Self::Postgres(_) => {
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
