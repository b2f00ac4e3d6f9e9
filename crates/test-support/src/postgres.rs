//! Databases on a PostgreSQL server.

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use url::Url;

/// An empty database, dropped with this value.
#[derive(Debug)]
pub struct PostgresDatabase {
    server_url: String,
    url: String,
    name: String,
}

impl PostgresDatabase {
    /// Creates a database on the server that `TEST_POSTGRES_URL` names.
    ///
    /// # Panics
    ///
    /// If the variable is not set, or the server does not respond.
    #[expect(clippy::expect_used, reason = "a test without its prerequisites fails")]
    pub async fn create() -> Self {
        let server_url = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a PostgreSQL server");
        Self::create_on(&server_url).await.expect("a database on the server in TEST_POSTGRES_URL")
    }

    /// Creates a database on the server of a URL, which names a database to connect to.
    pub async fn create_on(server_url: &str) -> sqlx::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("incident_test_{}_{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut url = Url::parse(server_url).map_err(sqlx::Error::config)?;
        url.set_path(&name);
        // A killed run with the same process id may have left one.
        execute(server_url, drop_statement(&name)).await?;
        execute(server_url, format!("CREATE DATABASE {name}")).await?;
        Ok(Self { server_url: server_url.to_owned(), url: url.into(), name })
    }

    /// Returns the URL of the database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Executes SQL statements in the database.
    pub async fn execute(&self, sql: &str) -> sqlx::Result<()> {
        execute(&self.url, sql.to_owned()).await
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        let (server_url, statement) = (self.server_url.clone(), drop_statement(&self.name));
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

async fn execute(url: &str, statements: String) -> sqlx::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    // The statements are those of tests.
    connection.execute(AssertSqlSafe(statements)).await?;
    connection.close().await
}
