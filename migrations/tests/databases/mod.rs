//! Databases of tests.

#![expect(clippy::expect_used, reason = "a failed step fails the test")]

use std::path::Path;

use sea_orm_migration::sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, Statement};

pub(crate) fn sqlite_url(folder: &Path) -> String {
    format!("sqlite://{}/data/incidents.db", folder.display())
}

pub(crate) async fn execute(url: &str, sql: &str) {
    let connection = connect(url).await;
    connection.execute_unprepared(sql).await.expect(sql);
    connection.close().await.expect("a closed connection");
}

/// Returns the names of the tables, without those of the database and of the migrations.
pub(crate) async fn tables(url: &str) -> Vec<String> {
    let sql = if url.starts_with("sqlite:") {
        "SELECT name AS value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
         AND name NOT LIKE 'search_index%' AND name <> 'seaql_migrations' ORDER BY name"
    } else {
        "SELECT tablename AS value FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'
         ORDER BY tablename"
    };
    values(url, sql).await
}

/// Returns the column `value` of the rows that a query selects.
pub(crate) async fn values(url: &str, sql: &str) -> Vec<String> {
    let connection = connect(url).await;
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.expect(sql);
    connection.close().await.expect("a closed connection");
    rows.iter().map(|row| row.try_get_by("value").expect("a value")).collect()
}

async fn connect(url: &str) -> DatabaseConnection {
    Database::connect(url).await.expect("a database")
}
