//! Databases of tests on a PostgreSQL server.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// A database for one test.
pub(crate) struct Database {
    server_url: String,
    name: String,
}

impl Database {
    pub(crate) async fn create(test: &str) -> Self {
        let server_url = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a PostgreSQL server");
        let name = format!("incident_cli_{test}_{}", std::process::id());
        execute(&server_url, &format!("CREATE DATABASE {name}")).await;
        Self { server_url, name }
    }

    pub(crate) fn url(&self) -> String {
        let (server, _) = self.server_url.rsplit_once('/').expect("a URL with a database");
        format!("{server}/{}", self.name)
    }

    /// Executes SQL statements.
    pub(crate) async fn execute(&self, sql: &str) {
        execute(&self.url(), sql).await;
    }

    pub(crate) async fn drop(self) {
        execute(&self.server_url, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

async fn execute(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.expect("PostgreSQL answers");
    connection.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
}
