//! Transactions of the committer.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};

use incident_domain::kernel::Conflict;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, ExecResult, SqliteTransactionMode, Statement, StatementBuilder,
    TransactionOptions, TransactionTrait, Value,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};
use uuid::Uuid;

use super::{
    failure::Failure,
    guarded::Guarded,
    statements::{Statements, inserts_for, row_bytes},
};
use crate::{
    database_file::DatabaseFile,
    few_lengths::few_lengths,
    in_doubt::InDoubt,
    incidents::search::{changes::replace, text::SearchText},
    live_pool::LivePool,
    pools::Pools,
    record::Values,
    table::{RowId, Table},
    writability::Writability,
};

/// The connections that write, and what their transactions share.
pub(super) struct WriteConnections {
    connections: LivePool,
    statements: Statements,
    /// Of transactions that are one message, if there can be such.
    in_doubt: Option<InDoubt>,
    file: Option<Arc<DatabaseFile>>,
    writability: Writability,
}

pub(super) struct Transaction<'a> {
    inner: DatabaseTransaction,
    statements: &'a Statements,
}

/// Rows to be inserted, by table, in the order of the inserts.
pub(super) type Inserts = Vec<(&'static Table, Vec<Values>)>;

/// What a statement has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Something,
    Nothing,
}

impl From<ExecResult> for Found {
    fn from(result: ExecResult) -> Self {
        if result.rows_affected() == 0 { Self::Nothing } else { Self::Something }
    }
}

impl WriteConnections {
    pub(super) fn new(pools: &Pools) -> Self {
        let connections = pools.write.clone();
        let statements = Statements::new(connections.get_database_backend(), pools.statement_bytes_max);
        let (in_doubt, file, writability) = (pools.in_doubt.clone(), pools.file.clone(), pools.writability.clone());
        Self { connections, statements, in_doubt, file, writability }
    }

    /// Runs a transaction. One that takes longer than the limit is rolled back when it is dropped. One that was committed to
    /// a file that has lost its name has failed.
    pub(super) async fn in_time<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, Failure>> + Send,
    ) -> Result<T, Failure> {
        let done = self.connections.in_time(limit, work).await.unwrap_or(Err(Failure::Timeout));
        match &done {
            Ok(_) if self.file.as_ref().is_some_and(|file| file.is_replaced_after_commit()) => {
                return Err(Failure::FileReplaced);
            }
            Ok(_) => self.writability.note_committed(),
            Err(Failure::Database(error)) => self.writability.note_error(error),
            Err(_) => {}
        }
        done
    }

    /// Returns true if a transaction that only inserts can be one message.
    pub(super) const fn take_whole_transactions(&self) -> bool {
        self.in_doubt.is_some()
    }

    pub(super) async fn start_transaction(&self) -> Result<Transaction<'_>, DbErr> {
        let options = TransactionOptions {
            // SQLite cannot turn a reader into a writer while another one writes.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Transaction {
            inner: self.connections.current().begin_with_options(options).await?,
            statements: &self.statements,
        })
    }

    /// Runs a transaction that inserts as many rows into each table. It is one message to the thread of SQLite's driver,
    /// instead of one for its beginning, each statement and its end.
    pub(super) async fn insert_at_once(&self, inserts: Inserts, rows_each: usize) -> Result<(), DbErr> {
        let (tables, rows): (Vec<&'static Table>, Vec<Vec<Values>>) = inserts.into_iter().unzip();
        let values: Vec<Value> = rows.into_iter().flatten().flatten().collect();
        let text = format!("BEGIN IMMEDIATE;{};COMMIT", self.statements.inserts(tables, rows_each));
        let statement = Statement::from_sql_and_values(self.connections.get_database_backend(), text, values);
        self.in_doubt.iter().for_each(InDoubt::mark);
        self.connections.execute_raw(statement).await?;
        self.in_doubt.iter().for_each(InDoubt::clear);
        Ok(())
    }
}

impl Transaction<'_> {
    /// Runs a guarded statement, and returns whether its guard held.
    pub(super) async fn guarded(&self, Guarded { row, effect, values }: Guarded) -> Result<Found, DbErr> {
        Ok(self.execute(&self.statements.guarded(row, effect), values).await?.into())
    }

    /// Changes or deletes what a statement selects.
    pub(super) async fn change(&self, statement: &impl StatementBuilder) -> Result<Found, DbErr> {
        Ok(self.inner.execute(statement).await?.into())
    }

    pub(super) async fn find(&self, query: &SelectStatement) -> Result<Found, DbErr> {
        let row = self.inner.query_one(query).await?;
        Ok(if row.is_none() { Found::Nothing } else { Found::Something })
    }

    /// Replaces the words by which incidents are found.
    pub(super) async fn replace_texts(&self, texts: Vec<SearchText>) -> Result<(), DbErr> {
        if texts.is_empty() {
            return Ok(());
        }
        self.inner.execute(&replace(self.inner.get_database_backend(), texts)).await?;
        Ok(())
    }

    /// Inserts rows in as few messages as possible.
    pub(super) async fn insert(&self, inserts: Inserts) -> Result<(), DbErr> {
        let mut lengths = inserts.iter().map(|(_, rows)| rows.len());
        let length = lengths.next();
        // Sets of one kind have as many rows of each table. A text for every other mixture would be too many.
        if self.statements.takes_several() && lengths.all(|other| Some(other) == length) {
            return self.insert_alike(inserts).await;
        }
        for insert in inserts {
            self.insert_alike(vec![insert]).await?;
        }
        Ok(())
    }

    /// Inserts as many rows into each table.
    async fn insert_alike(&self, inserts: Inserts) -> Result<(), DbErr> {
        let sizes = |rows: &[Values]| rows.iter().map(row_bytes).collect();
        let sizes: Vec<usize> = inserts.first().map_or_else(Vec::new, |(_, rows)| sizes(rows));
        let lengths = inserts_for(&sizes, self.statements.statement_bytes_max());
        let (tables, mut rows): (Vec<&'static Table>, Vec<_>) =
            inserts.into_iter().map(|(table, rows)| (table, rows.into_iter())).unzip();
        for length in lengths {
            let values = rows.iter_mut().flat_map(|rows| rows.by_ref().take(length)).flatten().collect();
            self.execute(&self.statements.inserts(tables.clone(), length), values).await?;
        }
        Ok(())
    }

    /// Returns why the guards on these rows failed: each has changed, or does not exist.
    pub(super) async fn conflicts(&self, rows: &[RowId]) -> Result<impl Fn(RowId) -> Conflict + use<>, DbErr> {
        let mut by_table: BTreeMap<&'static Table, Vec<Uuid>> = BTreeMap::new();
        for row in rows {
            by_table.entry(row.table).or_default().push(row.id);
        }
        let mut existing: HashSet<RowId> = HashSet::new();
        for (table, ids) in by_table {
            let query = Query::select()
                .column("id")
                .from((table.name)())
                .and_where(Expr::col("id").is_in(few_lengths(ids)))
                .take();
            for row in self.inner.query_all(&query).await? {
                existing.insert(RowId { table, id: row.try_get_by("id")? });
            }
        }
        Ok(move |row: RowId| if existing.contains(&row) { Conflict::Stale } else { Conflict::Missing(row.table.kind) })
    }

    pub(super) async fn commit(self) -> Result<(), DbErr> {
        self.inner.commit().await
    }

    /// Rolls back. If even that fails, the connection is broken, and the database rolls back.
    pub(super) async fn roll_back(self) {
        if let Err(error) = self.inner.rollback().await {
            tracing::debug!(error = %error, "cannot roll back a transaction; the database does when the connection ends");
        }
    }

    async fn execute(&self, text: &str, values: Values) -> Result<ExecResult, DbErr> {
        let backend = self.inner.get_database_backend();
        self.inner.execute_raw(Statement::from_sql_and_values(backend, text, values)).await
    }
}
