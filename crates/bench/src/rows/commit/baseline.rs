//! A commit without the committer: one transaction that inserts row by row. The connection options and the rows are
//! those of the store.

use std::{str::FromStr as _, time::Duration};

use anyhow::Context;
use incident_domain::write::{Change, ChangeSet};
use incident_store_seaorm::baseline;
use sea_orm::{
    DatabaseConnection, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions,
    TransactionTrait,
    sqlx::{
        ConnectOptions as _,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

const POSTGRES_CONNECTIONS: u32 = 16;
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(super) struct Baseline(DatabaseConnection);

impl Baseline {
    pub(super) async fn connect(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?.disable_statement_logging();
            let options = options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(TIMEOUT)
                .foreign_keys(true);
            let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(TIMEOUT).test_before_acquire(false);
            return Ok(Self(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.connect_with(options).await?)));
        }
        let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
        let pool = PgPoolOptions::new().max_connections(POSTGRES_CONNECTIONS).acquire_timeout(TIMEOUT);
        let pool = pool.test_before_acquire(false).connect_with(options).await?;
        Ok(Self(SqlxPostgresConnector::from_sqlx_postgres_pool(pool)))
    }

    pub(super) async fn commit(&self, changes: ChangeSet) -> anyhow::Result<()> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.0.begin_with_options(options).await?;
        for change in changes.changes() {
            match change {
                Change::Insert(record) => baseline::insert(record, &transaction).await?,
                other => anyhow::bail!("not a change that opens an incident: {other:?}"),
            }
        }
        transaction.commit().await.context("the transaction failed")
    }

    pub(super) async fn close(&self) -> anyhow::Result<()> {
        self.0.close_by_ref().await.context("the connection does not close")
    }
}
