//! Direct access to the database.

use chrono::{DateTime, Utc};
use incident_test_support::PostgresDatabase;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

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

/// Removes the database when it is dropped.
enum Owned {
    Sqlite(#[expect(dead_code, reason = "dropping it removes the folder")] TempDir),
    Postgres(#[expect(dead_code, reason = "dropping it removes the database")] PostgresDatabase),
}

/// The columns of incidents that are edited.
const EDITED_COLUMNS: [&str; 23] = [
    "timeline_length",
    "timeline_hash",
    "timeline_seal",
    "title",
    "description",
    "status",
    "priority",
    "service",
    "category",
    "labels",
    "hold_reason",
    "resolution_code",
    "resolution_note",
    "assigned_to",
    "opened_at",
    "updated_at",
    "acknowledged_at",
    "mitigated_at",
    "resolved_at",
    "closed_at",
    "reopen_count",
    "reassignment_count",
    "version",
];

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = TempDir::new().expect("a folder");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Self { url, connection: None, owned: Owned::Sqlite(folder) }
    }

    pub(crate) async fn postgres() -> Self {
        let database = PostgresDatabase::create().await;
        Self { url: database.url().to_owned(), connection: None, owned: Owned::Postgres(database) }
    }

    pub(crate) const fn dialect(&self) -> Dialect {
        match self.owned {
            Owned::Sqlite(_) => Dialect::Sqlite,
            Owned::Postgres(_) => Dialect::Postgres,
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

    /// Restores the copied timelines and fields.
    pub(crate) async fn undo(&mut self) {
        let end = |column: &str| {
            format!("{column} = (SELECT {column} FROM kept_incidents kept WHERE kept.id = incidents.id)")
        };
        let ends = EDITED_COLUMNS.map(end).join(", ");
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
}
