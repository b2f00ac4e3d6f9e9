//! The server's database, and direct access to it.

use std::path::PathBuf;

use incident_test_support::PostgresDatabase;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;

/// The server's database, removed with the test.
pub(crate) enum Database {
    Sqlite { folder: TempDir },
    Postgres(PostgresDatabase),
}

/// Runs a query on either database.
macro_rules! ask {
    ($database:expr, $query:expr, $fetch:ident) => {{
        let sql: &str = $query;
        let query = AssertSqlSafe(sql.to_owned());
        match $database {
            Database::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&$database.url()).await.expect("SQLite opens");
                sqlx::query_scalar(query).$fetch(&mut connection).await.expect(sql)
            }
            Database::Postgres(_) => {
                let mut connection = PgConnection::connect(&$database.url()).await.expect("PostgreSQL answers");
                sqlx::query_scalar(query).$fetch(&mut connection).await.expect(sql)
            }
        }
    }};
}

impl Database {
    pub(super) async fn create() -> Self {
        match std::env::var("TEST_STORE").as_deref() {
            Err(_) | Ok("sqlite") => Self::Sqlite { folder: TempDir::new().expect("a temporary folder") },
            Ok("postgres") => Self::postgres().await,
            Ok(other) => panic!("TEST_STORE must be sqlite or postgres, is {other}"),
        }
    }

    /// Creates a database on the PostgreSQL server of the environment.
    pub(crate) async fn postgres() -> Self {
        Self::Postgres(PostgresDatabase::create().await)
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite { folder } => format!("sqlite://{}", folder.path().join("test.db").display()),
            Self::Postgres(database) => database.url().to_owned(),
        }
    }

    /// Returns the text that a query selects.
    pub(crate) async fn text(&self, sql: &str) -> String {
        ask!(self, sql, fetch_one)
    }

    /// Returns the bytes of each row that a query selects.
    pub(crate) async fn bytes(&self, sql: &str) -> Vec<Vec<u8>> {
        let rows: Vec<Option<Vec<u8>>> = ask!(self, sql, fetch_all);
        rows.into_iter().flatten().collect()
    }

    /// Makes a time of all rows of a table earlier.
    pub(crate) async fn age_rows(&self, table: &str, column: &str, seconds: u32) {
        match self {
            Self::Sqlite { .. } => {
                let earlier = format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', {column}, '-{seconds} seconds')");
                let mut connection = SqliteConnection::connect(&self.url()).await.expect("SQLite opens");
                let sql = format!("UPDATE {table} SET {column} = {earlier}");
                connection.execute(AssertSqlSafe(sql)).await.expect("the rows are updated");
            }
            Self::Postgres(database) => {
                let sql = format!("UPDATE {table} SET {column} = {column} - interval '{seconds} seconds'");
                database.execute(&sql).await.expect("the rows are updated");
            }
        }
    }

    /// Returns the SQL conditions for an incident's timeline entries and for the incident.
    pub(crate) fn of_incident(&self, id: &str) -> (String, String) {
        let id = match self {
            Self::Sqlite { .. } => format!("x'{}'", id.replace('-', "")),
            Self::Postgres(_) => format!("'{id}'"),
        };
        (format!("incident_id = {id}"), format!("id = {id}"))
    }

    /// Executes a statement that the server never would. `{hex:…}` are bytes.
    pub(crate) async fn tamper(&self, sql: &str) {
        match self {
            Self::Sqlite { .. } => {
                let sql = sql.replace("{hex:", "x'").replace('}', "'");
                let mut connection = SqliteConnection::connect(&self.url()).await.expect("SQLite opens");
                let done = connection.execute(AssertSqlSafe(sql.clone())).await.expect(&sql);
                assert!(done.rows_affected() > 0, "nothing was done by {sql}");
            }
            Self::Postgres(_) => {
                let sql = sql.replace("{hex:", "'\\x").replace('}', "'");
                let mut connection = PgConnection::connect(&self.url()).await.expect("PostgreSQL answers");
                let done = connection.execute(AssertSqlSafe(sql.clone())).await.expect(&sql);
                assert!(done.rows_affected() > 0, "nothing was done by {sql}");
            }
        }
    }

    /// Blocks all other writes; reads stay possible.
    pub(crate) async fn lock_writes(&self) -> WriteLock {
        match self {
            Self::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&self.url()).await.expect("SQLite opens");
                connection.execute("BEGIN IMMEDIATE").await.expect("no other writer");
                WriteLock::Sqlite(connection)
            }
            Self::Postgres(_) => {
                let mut connection = PgConnection::connect(&self.url()).await.expect("PostgreSQL answers");
                connection.execute("BEGIN").await.expect("a transaction");
                connection.execute("LOCK TABLE events IN SHARE MODE").await.expect("no other writer");
                WriteLock::Postgres(connection)
            }
        }
    }

    /// Returns every value of every table with the name of its column.
    pub(crate) async fn every_value(&self) -> Vec<(String, Vec<u8>)> {
        let columns: Vec<String> = match self {
            Self::Sqlite { .. } => {
                let sql = "SELECT t.name || '/' || c.name FROM sqlite_master t, pragma_table_info(t.name) c
                    WHERE t.type = 'table'";
                ask!(self, sql, fetch_all)
            }
            Self::Postgres(_) => {
                let sql =
                    "SELECT table_name || '/' || column_name || CASE WHEN data_type = 'bytea' THEN '/' ELSE '' END
                    FROM information_schema.columns WHERE table_schema = 'public'";
                ask!(self, sql, fetch_all)
            }
        };
        let mut values = Vec::new();
        for column in columns {
            let mut names = column.split('/');
            let (table, name) = (names.next().expect("a table"), names.next().expect("a column"));
            let is_bytes = names.next().is_some();
            let value = match self {
                Self::Sqlite { .. } => format!("CAST(\"{name}\" AS BLOB)"),
                Self::Postgres(_) if is_bytes => format!("\"{name}\""),
                Self::Postgres(_) => format!("convert_to(\"{name}\"::text, 'UTF8')"),
            };
            let found = self.bytes(&format!("SELECT {value} FROM \"{table}\"")).await;
            values.extend(found.into_iter().map(|value| (format!("{table}.{name}"), value)));
        }
        values
    }

    /// Returns the files of the database, if they are readable.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let Self::Sqlite { folder } = self else { return Vec::new() };
        let entries = std::fs::read_dir(folder.path()).expect("the folder of the database");
        entries.map(|entry| entry.expect("a file").path()).collect()
    }
}

/// A lock against all other writes.
pub(crate) enum WriteLock {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl WriteLock {
    pub(crate) async fn release(self) {
        match self {
            Self::Sqlite(mut connection) => connection.execute("ROLLBACK").await.map(|_| ()),
            Self::Postgres(mut connection) => connection.execute("ROLLBACK").await.map(|_| ()),
        }
        .expect("released");
    }
}
