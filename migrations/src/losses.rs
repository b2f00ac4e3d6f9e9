//! The data that would be lost if steps were taken back.
//!
//! It is found by taking the steps back in a savepoint that is rolled back, so that steps need not declare it. Data that
//! the database computes from other columns (full-text indexes, generated columns) does not count, nor does data that
//! `incident-server migrate up` computes from other tables.

use std::{collections::BTreeMap, fmt};

use sea_orm_migration::{
    MigratorTrait,
    prelude::DbErr,
    sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement},
};

use crate::{database, steps::Steps};

/// Data that would be lost if steps were taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A table.
    Table {
        /// Its name.
        table: String,
        /// The number of its rows.
        rows: i64,
    },
    /// A column of a table that is kept.
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The number of rows whose value is neither null nor the default.
        rows: i64,
    },
    /// Rows of a table that is kept.
    Rows {
        /// The table.
        table: String,
        /// The number of rows.
        rows: i64,
    },
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |rows: &i64| if *rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        match self {
            Self::Table { table, rows } => write!(formatter, "table {table}, with {}", counted(rows)),
            Self::Column { table, column, rows } => {
                write!(formatter, "column {column} of {table}, filled in {}", counted(rows))
            }
            Self::Rows { table, rows } => write!(formatter, "{} of table {table}", counted(rows)),
        }
    }
}

/// The tables whose rows the program computes from other tables, or that hold nothing that lasts.
const DERIVED: &[&str] = &["leases", "search_texts"];

/// The rows that the program creates again, by table: the jobs of periodic kinds, whose key is their kind, and the check
/// value of the first timeline key.
const DERIVED_ROWS: &[(&str, &str)] =
    &[("jobs", "dedup_key IS NOT DISTINCT FROM kind"), ("timeline_keys", "position = 1")];

/// The columns that a step fills from other columns of the same table.
const DERIVED_COLUMNS: &[(&str, &str)] = &[("events", "audience")];

/// The columns of each table, with the expressions of their defaults.
type Columns = BTreeMap<String, BTreeMap<String, Option<String>>>;

/// Returns the data that would be lost with the last `steps` steps. Locks the tables of that data against writes until
/// the transaction ends, so that the result stays correct.
pub(crate) async fn of_down(transaction: &DatabaseTransaction, steps: u32) -> Result<Vec<Loss>, DbErr> {
    let before = columns(transaction).await?;
    let trial = database::savepoint(transaction).await?;
    Steps::down(&trial, Some(steps)).await?;
    let after = columns(&trial).await?;
    let mut rows_after = BTreeMap::new();
    for table in before.keys().filter(|table| after.contains_key(*table)) {
        rows_after.insert(table.clone(), count(&trial, table, "TRUE").await?);
    }
    trial.rollback().await?;

    let mut losses = Vec::new();
    for (table, columns) in before.iter().filter(|(table, _)| !DERIVED.contains(&table.as_str())) {
        lock(transaction, table).await?;
        let (Some(kept), Some(left)) = (after.get(table), rows_after.get(table)) else {
            let derived = DERIVED_ROWS.iter().find(|(of, _)| of == table).map_or("FALSE", |(_, derived)| derived);
            let rows = count(transaction, table, &format!("NOT ({derived})")).await?;
            losses.push(Loss::Table { table: table.clone(), rows });
            continue;
        };
        let rows = count(transaction, table, "TRUE").await?;
        losses.push(Loss::Rows { table: table.clone(), rows: rows - left });
        let is_derived = |column: &str| DERIVED_COLUMNS.contains(&(table.as_str(), column));
        for (column, default) in columns.iter().filter(|(column, _)| !kept.contains_key(*column) && !is_derived(column))
        {
            // A default that calls a function is no constant, and calling it might take a number from a sequence.
            let default = default.as_deref().filter(|default| !default.contains('(')).unwrap_or("NULL");
            let filled = format!("\"{column}\" IS NOT NULL AND \"{column}\" IS DISTINCT FROM ({default})");
            let rows = count(transaction, table, &filled).await?;
            losses.push(Loss::Column { table: table.clone(), column: column.clone(), rows });
        }
    }
    let has_rows = |loss: &Loss| match loss {
        Loss::Table { rows, .. } | Loss::Column { rows, .. } | Loss::Rows { rows, .. } => *rows > 0,
    };
    losses.retain(has_rows);
    Ok(losses)
}

async fn columns(connection: &impl ConnectionTrait) -> Result<Columns, DbErr> {
    let sql = match connection.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT tables.relname::text AS of_table, columns.attname::text AS name,
                 pg_get_expr(defaults.adbin, defaults.adrelid) AS default_value
             FROM pg_class AS tables
             JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
             LEFT JOIN pg_attrdef AS defaults ON (defaults.adrelid, defaults.adnum) = (columns.attrelid, columns.attnum)
             WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
                 AND relkind IN ('r', 'p') AND attgenerated = '' AND atttypid <> 'tsvector'::regtype"
        }
        // Full-text indexes are virtual tables, which store their data in shadow tables.
        _ => {
            "SELECT tables.name AS of_table, columns.name AS name, columns.dflt_value AS default_value
             FROM pragma_table_list AS tables JOIN pragma_table_xinfo(tables.name) AS columns
             WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                 AND columns.hidden = 0"
        }
    };
    let mut columns = Columns::new();
    for row in connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await? {
        let table: String = row.try_get_by("of_table")?;
        // The list of applied steps is not data.
        if table != Steps::migration_table_name().to_string() {
            columns.entry(table).or_default().insert(row.try_get_by("name")?, row.try_get_by("default_value")?);
        }
    }
    Ok(columns)
}

async fn count(connection: &impl ConnectionTrait, table: &str, condition: &str) -> Result<i64, DbErr> {
    let sql = format!("SELECT count(*) AS counted FROM \"{table}\" WHERE {condition}");
    let row = connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    row.map_or(Ok(0), |row| row.try_get_by("counted"))
}

/// Locks a table against writes. On SQLite, this transaction is the only writer.
async fn lock(transaction: &DatabaseTransaction, table: &str) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared(&format!("LOCK TABLE \"{table}\" IN SHARE ROW EXCLUSIVE MODE")).await?;
    }
    Ok(())
}
