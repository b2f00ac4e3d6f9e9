//! Direct access to the database.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

/// Makes the names of databases unique within this process.
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// How values are written in SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    pub(crate) fn id(self, id: Uuid) -> String {
        match self {
            Self::Sqlite => self.bytes(id.as_bytes()),
            Self::Postgres => format!("'{id}'::uuid"),
        }
    }

    pub(crate) fn bytes(self, bytes: &[u8]) -> String {
        use std::fmt::Write;
        let mut hex = String::new();
        for byte in bytes {
            let _ = write!(hex, "{byte:02x}");
        }
        match self {
            Self::Sqlite => format!("X'{hex}'"),
            Self::Postgres => format!("'\\x{hex}'::bytea"),
        }
    }

    pub(crate) fn json(self, json: &str) -> String {
        match self {
            Self::Sqlite => text(json),
            Self::Postgres => format!("{}::jsonb", text(json)),
        }
    }

    pub(crate) fn time(self, time: DateTime<Utc>) -> String {
        let text = time.format("'%Y-%m-%dT%H:%M:%S%.6f+00:00'");
        match self {
            Self::Sqlite => text.to_string(),
            Self::Postgres => format!("{text}::timestamptz"),
        }
    }
}

pub(crate) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

pub(crate) fn optional(value: Option<&str>) -> String {
    value.map_or("NULL".to_owned(), text)
}

/// The database with the timelines.
pub(crate) struct Database {
    pub(crate) url: String,
    connection: Option<Intruder>,
    owned: Owned,
}

enum Intruder {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// What exists as long as the database.
enum Owned {
    Folder(#[expect(dead_code, reason = "dropping it removes the folder")] TempDir),
    Server { url: String, name: String },
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = TempDir::new().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Self { url, connection: None, owned: Owned::Folder(folder) }
    }

    pub(crate) async fn postgres() -> Self {
        let server = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a PostgreSQL server");
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("incident_tampering_{}_{number}", std::process::id());
        execute(&server, &format!("CREATE DATABASE {name}")).await;
        let (address, _) = server.rsplit_once('/').expect("a URL with a database");
        Self { url: format!("{address}/{name}"), connection: None, owned: Owned::Server { url: server, name } }
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self.owned {
            Owned::Folder(_) => Dialect::Sqlite,
            Owned::Server { .. } => Dialect::Postgres,
        }
    }

    /// Connects and copies the current timelines.
    pub(crate) async fn intrude(&mut self) {
        self.connection = Some(match self.dialect() {
            Dialect::Sqlite => Intruder::Sqlite(SqliteConnection::connect(&self.url).await.expect("SQLite opens")),
            Dialect::Postgres => Intruder::Postgres(PgConnection::connect(&self.url).await.expect("it answers")),
        });
        if self.dialect() == Dialect::Sqlite {
            // The owner of the file can ignore all constraints. Without flushes the test is faster.
            for pragma in ["foreign_keys = OFF", "ignore_check_constraints = ON", "synchronous = OFF"] {
                self.run(&format!("PRAGMA {pragma}")).await;
            }
        }
        self.run("CREATE TABLE kept_entries AS SELECT * FROM timeline_entries").await;
        self.run("CREATE TABLE kept_incidents AS SELECT * FROM incidents").await;
    }

    /// Executes statements, which must change something.
    pub(crate) async fn execute_all(&mut self, statements: &[String]) {
        self.run("BEGIN").await;
        let mut changed = 0;
        for statement in statements {
            changed += self.run(statement).await;
        }
        self.run("COMMIT").await;
        assert_ne!(changed, 0, "nothing was changed: {statements:?}");
    }

    /// Restores the copied timelines.
    pub(crate) async fn undo(&mut self) {
        let end = |column: &str| {
            format!("{column} = (SELECT {column} FROM kept_incidents kept WHERE kept.id = incidents.id)")
        };
        let ends = ["timeline_length", "timeline_hash", "timeline_seal"].map(end).join(", ");
        let statements = [
            "BEGIN",
            "DELETE FROM timeline_entries",
            "INSERT INTO timeline_entries SELECT * FROM kept_entries",
            &format!("UPDATE incidents SET {ends}"),
            "COMMIT",
        ];
        for statement in statements {
            self.run(statement).await;
        }
    }

    async fn run(&mut self, sql: &str) -> u64 {
        let query = AssertSqlSafe(sql.to_owned());
        match self.connection.as_mut().expect("connected") {
            Intruder::Sqlite(connection) => connection.execute(query).await.expect(sql).rows_affected(),
            Intruder::Postgres(connection) => connection.execute(query).await.expect(sql).rows_affected(),
        }
    }

    pub(crate) async fn remove(self) {
        drop(self.connection);
        if let Owned::Server { url, name } = self.owned {
            execute(&url, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

async fn execute(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.expect("PostgreSQL answers");
    connection.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
}
