//! The texts of the statements that write. Building a text for every batch would cost more than everything else that
//! this process does for a commit, so that each is built once, and the database finds it among its prepared statements.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::{
    DbBackend, Value,
    sea_query::{Alias, Expr, ExprTrait, InsertStatement, Query, SimpleExpr},
};

use super::guarded::Effect;
use crate::{
    record::Values,
    table::{RowId, Table, words_value},
};

/// Up to this number of rows are one insert, however many they are.
const ROWS_ANY_MAX: usize = 36;

/// Up to this number of rows of each table are one text together with their transaction. The 64 texts for new incidents,
/// prepared, take some 16 MB.
pub(super) const ROWS_PER_TRANSACTION_MAX: usize = 64;

/// The numbers of rows that longer inserts have. Few different lengths are few prepared statements; any number of rows
/// takes one or two of them. The longest stays far below the 32,766 parameters of SQLite and the 65,535 of PostgreSQL.
const ROWS_PER_LONG_INSERT: [usize; 8] = [128, 112, 96, 80, 64, 56, 48, 40];

/// What a text is for.
#[derive(PartialEq, Eq, Hash)]
enum Use {
    /// Inserts into these tables, of as many rows each.
    Insert(Vec<&'static Table>, usize),
    Update(&'static Table),
    Delete(&'static Table),
}

pub(super) struct Statements {
    backend: DbBackend,
    statement_bytes_max: Option<usize>,
    texts: Mutex<HashMap<Use, Arc<str>>>,
}

impl Statements {
    pub(super) fn new(backend: DbBackend, statement_bytes_max: Option<usize>) -> Self {
        Self { backend, statement_bytes_max, texts: Mutex::default() }
    }

    /// Returns a guarded statement.
    pub(super) fn guarded(&self, row: RowId, effect: Effect) -> Arc<str> {
        self.text(match effect {
            Effect::Update { .. } => Use::Update(row.table),
            Effect::Delete { .. } => Use::Delete(row.table),
        })
    }

    /// Returns an insert of as many rows into each of these tables.
    pub(super) fn inserts(&self, tables: Vec<&'static Table>, rows: usize) -> Arc<str> {
        self.text(Use::Insert(tables, rows))
    }

    fn text(&self, of_use: Use) -> Arc<str> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let text = texts.entry(of_use).or_insert_with_key(|of_use| match of_use {
            Use::Insert(tables, rows) => {
                let inserts: Vec<String> = tables.iter().map(|table| insert(self.backend, table, *rows)).collect();
                inserts.join(";").into()
            }
            Use::Update(table) => update(self.backend, table).into(),
            Use::Delete(table) => delete(self.backend, table).into(),
        });
        Arc::clone(text)
    }

    /// Returns the most bytes of values in one statement, if there is a limit.
    pub(super) const fn statement_bytes_max(&self) -> Option<usize> {
        self.statement_bytes_max
    }

    /// Returns true if several statements can be one text. PostgreSQL prepares each by itself.
    pub(super) fn takes_several(&self) -> bool {
        self.backend == DbBackend::Sqlite
    }
}

fn placeholder() -> SimpleExpr {
    Expr::val(Value::Bool(None))
}

fn insert(backend: DbBackend, table: &Table, rows: usize) -> String {
    let columns = (table.columns)();
    let value = |column: &&'static str| {
        if table.word_columns.contains(column) { words_value(backend, placeholder()) } else { placeholder() }
    };
    let mut statement: InsertStatement = Query::insert();
    statement.into_table(Alias::new((table.name)())).columns(columns.iter().copied().map(Alias::new));
    for _ in 0..rows {
        statement.values_panic(columns.iter().map(value));
    }
    backend.build(&statement).sql
}

fn update(backend: DbBackend, table: &Table) -> String {
    let columns = (table.columns)().into_iter().filter(|column| *column != "id");
    let compared = ["id", "version"].into_iter().chain(table.batching.length_column);
    let mut statement = Query::update();
    statement.table(Alias::new((table.name)())).values(columns.map(|column| (Alias::new(column), placeholder())));
    for column in compared {
        statement.and_where(Expr::col(column).eq(placeholder()));
    }
    backend.build(&statement).sql
}

fn delete(backend: DbBackend, table: &Table) -> String {
    let mut statement = Query::delete();
    statement
        .from_table(Alias::new((table.name)()))
        .and_where(Expr::col("id").eq(placeholder()))
        .and_where(Expr::col("version").eq(placeholder()));
    backend.build(&statement).sql
}

/// What a value costs besides its own bytes: its length and the format it is sent in.
const VALUE_OVERHEAD_BYTES: usize = 6;

/// Returns the lengths of inserts for rows of these sizes in bytes: as long as they may be.
pub(super) fn inserts_for(sizes: &[usize], bytes_max: Option<usize>) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut left = sizes;
    while !left.is_empty() {
        let mut bytes = 0;
        let fits = |size: &&usize| {
            bytes += **size;
            bytes_max.is_none_or(|bytes_max| bytes <= bytes_max)
        };
        // A row that is too long is an insert of its own.
        let most = left.iter().take_while(fits).count().max(1);
        let length = match most {
            0..=ROWS_ANY_MAX => most,
            _ => ROWS_PER_LONG_INSERT.into_iter().find(|length| *length <= most).unwrap_or(ROWS_ANY_MAX),
        };
        lengths.push(length);
        left = left.get(length..).unwrap_or_default();
    }
    lengths
}

/// Returns roughly how many bytes a row takes when it is sent to the database.
pub(super) fn row_bytes(row: &Values) -> usize {
    row.iter().map(|value| VALUE_OVERHEAD_BYTES + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> usize {
    const UUID_BYTES: usize = 16;
    const NUMBER_BYTES: usize = 8;
    match value {
        Value::String(text) => text.as_ref().map_or(0, String::len),
        Value::Bytes(bytes) => bytes.as_ref().map_or(0, Vec::len),
        Value::Json(json) => json.as_deref().map_or(0, json_bytes),
        Value::Uuid(_) => UUID_BYTES,
        _ => NUMBER_BYTES,
    }
}

/// Details and labels are flat maps of texts, which are not serialised yet.
fn json_bytes(json: &serde_json::Value) -> usize {
    const QUOTES_AND_COMMA_BYTES: usize = 6;
    let member = |(name, value): (&String, &serde_json::Value)| {
        QUOTES_AND_COMMA_BYTES + name.len() + value.as_str().map_or(0, str::len)
    };
    json.as_object().map_or(0, |map| map.iter().map(member).sum())
}

#[cfg(test)]
mod tests {
    use incident_domain::{incidents::Incident, kernel::Job};

    use super::*;
    use crate::record::StoredRecord as _;

    #[test]
    fn inserts_make_up_any_number_of_rows() {
        for rows in 0..=1_000 {
            let lengths = inserts_for(&vec![1; rows], None);
            assert_eq!(lengths.iter().sum::<usize>(), rows);
            assert!(lengths.len() <= 3 + rows / 128, "{rows} rows took {lengths:?}");
        }
    }

    #[test]
    fn no_statement_has_more_bytes_than_the_limit_unless_one_row_has() {
        const BYTES_MAX: usize = 15_000;
        let sizes: Vec<usize> = (0..500).map(|row| (row * 37) % 900 + if row % 50 == 0 { 40_000 } else { 0 }).collect();
        let mut rest = sizes.as_slice();
        for length in inserts_for(&sizes, Some(BYTES_MAX)) {
            let (statement, left) = rest.split_at(length);
            assert!(length == 1 || statement.iter().sum::<usize>() <= BYTES_MAX, "{statement:?}");
            rest = left;
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn a_guarded_update_compares_the_expected_state() {
        let incident = update(DbBackend::Postgres, Incident::TABLE);
        let condition = r#"WHERE "id" = $32 AND "version" = $33 AND "timeline_length" = $34"#;
        assert!(incident.ends_with(condition), "{incident}");
        let job = update(DbBackend::Postgres, Job::TABLE);
        assert!(job.ends_with(r#"WHERE "id" = $15 AND "version" = $16"#), "{job}");
    }
}
