//! A transaction of the committer, in terms of steps.

use std::collections::HashSet;

use incident_domain::{
    IncidentId,
    ports::{Conflict, Reference},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, ExecResult, QueryFilter,
    QuerySelect, SqliteTransactionMode, Statement, StatementBuilder, TransactionOptions, TransactionTrait, Value,
    sea_query::SelectStatement,
};

use super::{
    sql::{Sql, inserts_for, row_bytes},
    step::Guarded,
    table::{Row, Table},
};
use crate::{
    in_doubt::InDoubt,
    read::few_lengths,
    row::{incident, search_text::SearchText},
    search_texts::rewrite,
};

pub(super) struct Transaction<'a> {
    inner: DatabaseTransaction,
    sql: &'a Sql,
}

/// What a statement met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Something,
    Nothing,
}

/// Whether a guarded statement found what it expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    Held,
    Failed,
}

impl<'a> Transaction<'a> {
    pub(super) async fn begin(connection: &DatabaseConnection, sql: &'a Sql) -> Result<Self, DbErr> {
        let options = TransactionOptions {
            // SQLite cannot turn a reader into a writer while another one writes, so it starts as one.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Self { inner: connection.begin_with_options(options).await?, sql })
    }

    pub(super) async fn guarded(&self, guarded: Guarded) -> Result<Guard, DbErr> {
        let text = self.sql.guarded(guarded.effect);
        let changed = self.execute(text, guarded.values).await?.rows_affected();
        Ok(if changed == 0 { Guard::Failed } else { Guard::Held })
    }

    /// Changes or deletes what a statement selects, and says whether there was anything.
    pub(super) async fn changes(&self, statement: &impl StatementBuilder) -> Result<Found, DbErr> {
        let changed = self.inner.execute(statement).await?.rows_affected();
        Ok(if changed == 0 { Found::Nothing } else { Found::Something })
    }

    /// Whether a query finds anything.
    pub(super) async fn finds(&self, query: &SelectStatement) -> Result<Found, DbErr> {
        let row = self.inner.query_one(query).await?;
        Ok(if row.is_none() { Found::Nothing } else { Found::Something })
    }

    /// Writes the words anew that incidents are found by.
    pub(super) async fn rewrite(&self, texts: Vec<SearchText>) -> Result<(), DbErr> {
        if texts.is_empty() {
            return Ok(());
        }
        let statement = rewrite(self.inner.get_database_backend(), texts);
        self.inner.execute(&statement).await?;
        Ok(())
    }

    /// Inserts rows of several tables, in this order and in as few messages to the database as can be.
    pub(super) async fn insert_all(&self, inserts: Vec<(Table, Vec<Row>)>) -> Result<(), DbErr> {
        let mut lengths = inserts.iter().map(|(_, rows)| rows.len());
        let length = lengths.next();
        // Sets of one kind have as many rows of each table. One text for each mixture would be too many.
        if self.sql.takes_several() && lengths.all(|other| Some(other) == length) {
            return self.insert_alike(inserts).await;
        }
        for insert in inserts {
            self.insert_alike(vec![insert]).await?;
        }
        Ok(())
    }

    /// Inserts as many rows into each of these tables.
    async fn insert_alike(&self, inserts: Vec<(Table, Vec<Row>)>) -> Result<(), DbErr> {
        let sizes = |rows: &[Row]| rows.iter().map(|row| row_bytes(row)).collect();
        let sizes: Vec<usize> = inserts.first().map_or_else(Vec::new, |(_, rows)| sizes(rows));
        let lengths = inserts_for(&sizes, self.sql.statement_bytes_max());
        let (tables, mut rows): (Vec<Table>, Vec<_>) =
            inserts.into_iter().map(|(table, rows)| (table, rows.into_iter())).unzip();
        for length in lengths {
            let values = rows.iter_mut().flat_map(|rows| rows.by_ref().take(length)).flatten().collect();
            self.execute(&self.sql.inserts(tables.clone(), length), values).await?;
        }
        Ok(())
    }

    /// A transaction that inserts so many rows into each of these tables, as one message to the thread of SQLite's driver,
    /// and not one for its beginning, one for each statement, and one for its end.
    pub(super) async fn at_once(
        connection: &DatabaseConnection,
        sql: &Sql,
        in_doubt: &InDoubt,
        inserts: Vec<(Table, Vec<Row>)>,
        length: usize,
    ) -> Result<(), DbErr> {
        let (tables, rows): (Vec<Table>, Vec<Vec<Row>>) = inserts.into_iter().unzip();
        let values: Vec<Value> = rows.into_iter().flatten().flatten().collect();
        let text = format!("BEGIN IMMEDIATE;{};COMMIT", sql.inserts(tables, length));
        in_doubt.raise();
        let backend = connection.get_database_backend();
        connection.execute_raw(Statement::from_sql_and_values(backend, text, values)).await?;
        in_doubt.settle();
        Ok(())
    }

    /// Why the guards of these incidents failed: each is either not as expected, or not there.
    pub(super) async fn conflict_of(
        &self,
        incidents: &[IncidentId],
    ) -> Result<impl Fn(IncidentId) -> Conflict + use<>, DbErr> {
        let ids = few_lengths(incidents.iter().map(|id| id.as_uuid()).collect());
        let mut there: HashSet<IncidentId> = HashSet::new();
        if !ids.is_empty() {
            let query = incident::Entity::find().select_only().column(incident::Column::Id);
            let found = query.filter(incident::Column::Id.is_in(ids)).into_tuple().all(&self.inner).await?;
            there.extend(found.into_iter().map(IncidentId::new));
        }
        Ok(
            move |incident| {
                if there.contains(&incident) { Conflict::Stale } else { Conflict::Missing(Incident::KIND) }
            },
        )
    }

    pub(super) async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    /// Takes everything back. When not even that works the connection is broken, and the database does it.
    pub(super) async fn roll_back(self) {
        if let Err(error) = self.inner.rollback().await {
            tracing::debug!(error = %error, "a transaction was left to the database to roll back");
        }
    }

    async fn execute(&self, text: &str, values: Vec<Value>) -> Result<ExecResult, DbErr> {
        let backend = self.inner.get_database_backend();
        self.inner.execute_raw(Statement::from_sql_and_values(backend, text, values)).await
    }
}
