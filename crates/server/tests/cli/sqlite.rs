//! Reads and changes a SQLite database without a server.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};

async fn open(file: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.expect("SQLite opens")
}

/// Executes a statement.
pub(crate) async fn execute(file: &Path, sql: &str) {
    open(file).await.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
}

/// Returns the number that a query selects.
pub(crate) async fn number(file: &Path, sql: &str) -> i64 {
    let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
    query.fetch_one(&mut open(file).await).await.expect(sql)
}

/// Adds copies of the first incident, without its timeline.
pub(crate) async fn multiply_incidents(file: &Path, count: u32) {
    let mut connection = open(file).await;
    let columns = "SELECT group_concat(name) FROM pragma_table_info('incidents') WHERE name NOT IN ('id', 'number')";
    let columns: String = sqlx::query_scalar(columns).fetch_one(&mut connection).await.expect("columns");
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO incidents (id, number, {columns})
         SELECT randomblob(16), 1000000 + i, {columns} FROM (SELECT * FROM incidents LIMIT 1), n"
    );
    connection.execute(AssertSqlSafe(sql)).await.expect("many incidents");
}
