//! A commit without the committer: one transaction that inserts row by row. The connection options and the rows are
//! those of the store.

use std::{str::FromStr as _, time::Duration};

use anyhow::Context;
use incident_domain::{Change, ChangeSet};
use sea_orm::{
    ActiveValue::NotSet,
    ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend, EntityTrait, IntoActiveModel,
    SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector, Statement, TransactionOptions, TransactionTrait,
    sqlx::{
        ConnectOptions as _,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

use super::row::{
    action, event, incident,
    search_text::{self, SearchText},
    timeline_entry,
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
            insert(change, &transaction).await?;
        }
        transaction.commit().await.context("the transaction failed")
    }

    pub(super) async fn close(&self) -> anyhow::Result<()> {
        self.0.close_by_ref().await.context("the connection does not close")
    }
}

async fn insert(change: &Change, transaction: &DatabaseTransaction) -> anyhow::Result<()> {
    match change {
        Change::InsertIncident(incident) => {
            let row = incident::Model::from(&**incident).into_active_model();
            incident::Entity::insert(row).exec_without_returning(transaction).await?;
            insert_search_text(SearchText::from(&**incident), transaction).await?;
        }
        Change::InsertEntry(entry) => {
            let row = timeline_entry::Model::from(&**entry).into_active_model();
            timeline_entry::Entity::insert(row).exec_without_returning(transaction).await?;
            if let Some(text) = SearchText::of_entry(entry) {
                insert_search_text(text, transaction).await?;
            }
        }
        Change::InsertAction(action) => {
            let row = action::Model::from(&**action).into_active_model();
            action::Entity::insert(row).exec_without_returning(transaction).await?;
        }
        Change::InsertEvent(event) => {
            let mut row = event::Model::unpositioned(event).into_active_model();
            row.position = NotSet;
            event::Entity::insert(row).exec_without_returning(transaction).await?;
        }
        other => anyhow::bail!("not a change that opens an incident: {other:?}"),
    }
    Ok(())
}

/// Inserts the text by which an incident is found, whose table is not an entity of the ORM.
async fn insert_search_text(text: SearchText, transaction: &DatabaseTransaction) -> anyhow::Result<()> {
    let backend = transaction.get_database_backend();
    let values = if backend == DbBackend::Postgres { "$1, $2, CAST($3 AS tsvector)" } else { "?, ?, ?" };
    let sql = format!("INSERT INTO {} ({}) VALUES ({values})", search_text::TABLE, search_text::COLUMNS.join(", "));
    transaction.execute_raw(Statement::from_sql_and_values(backend, sql, text.into_values())).await?;
    Ok(())
}
