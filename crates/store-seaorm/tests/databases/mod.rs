//! Databases that are removed after their test.

#![expect(clippy::expect_used, reason = "a test fails by a panic")]
#![expect(dead_code, reason = "each test file uses the part it needs")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use incident_store_contract::{Harness, Ports, async_trait};
use incident_store_seaorm::{SeaOrmStore, StoreOptions};
use sea_orm::{ConnectionTrait as _, Database};
use tempfile::TempDir;

/// A migrated SQLite file in a folder of its own.
pub(crate) struct SqliteDatabase {
    pub(crate) url: String,
    folder: TempDir,
}

impl SqliteDatabase {
    pub(crate) async fn create() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/incidents.db", folder.path().display());
        incident_migrations::up(&url).await.expect("the schema");
        Self { url, folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder().join("incidents.db")
    }

    pub(crate) fn open(&self) -> SeaOrmStore {
        SeaOrmStore::build(&options(&self.url)).expect("a store")
    }
}

/// A migrated PostgreSQL database.
pub(crate) struct PostgresDatabase(incident_test_support::PostgresDatabase);

impl PostgresDatabase {
    pub(crate) async fn create() -> Self {
        let database = incident_test_support::PostgresDatabase::create().await;
        incident_migrations::up(database.url()).await.expect("the schema");
        Self(database)
    }

    pub(crate) fn url(&self) -> &str {
        self.0.url()
    }

    pub(crate) fn open(&self) -> SeaOrmStore {
        SeaOrmStore::build(&options(self.url())).expect("a store")
    }
}

/// Returns options with small pools, so that many tests can share one server.
pub(crate) fn options(url: &str) -> StoreOptions {
    StoreOptions { read_connections_max: 2, lanes: 2, ..StoreOptions::new(url) }
}

pub(crate) async fn execute(url: &str, sql: &str) {
    let connection = Database::connect(url).await.expect("a database");
    connection.execute_unprepared(sql).await.expect(sql);
    connection.close().await.expect("a closed connection");
}

#[async_trait]
impl Harness for SqliteDatabase {
    async fn open(&self) -> Ports {
        Ports::all_of(Arc::new(Self::open(self)))
    }
}

#[async_trait]
impl Harness for PostgresDatabase {
    async fn open(&self) -> Ports {
        Ports::all_of(Arc::new(Self::open(self)))
    }
}
