//! The text of every statement that writes. Each is built once and used again: building it for every
//! batch would cost more than all else that this process does for a commit, and the database finds a text
//! it knows among its prepared statements.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use sea_orm::{
    DbBackend, Value,
    sea_query::{Alias, Expr, ExprTrait, InsertStatement, Query, SimpleExpr},
};

use super::{step::Effect, table::Table};
use crate::{row::search_text, search_texts::words_value};

/// Up to so many rows are one insert, however many they are.
const ROWS_ANY_MAX: usize = 36;

/// Up to so many rows of each table are one text with the transaction around them. All 64 texts of openings together,
/// prepared, take some 16 MB.
pub(super) const ROWS_PER_TRANSACTION_MAX: usize = 64;

/// How many rows longer inserts may have. Few different lengths are few prepared statements; between them they make up
/// any number in one or two statements. The longest stays far below the 32,766 parameters that SQLite can bind, and
/// PostgreSQL's 65,535.
const ROWS_PER_LONG_INSERT: [usize; 8] = [128, 112, 96, 80, 64, 56, 48, 40];

/// The inserts by their tables and how many rows each of these gets.
type Inserts = HashMap<(Vec<Table>, usize), Arc<str>>;

pub(super) struct Sql {
    backend: DbBackend,
    statement_bytes_max: Option<usize>,
    update: String,
    delete: String,
    inserts: Mutex<Inserts>,
}

impl Sql {
    pub(super) fn new(backend: DbBackend, statement_bytes_max: Option<usize>) -> Self {
        let update = update(backend);
        let delete = delete(backend);
        Self { backend, statement_bytes_max, update, delete, inserts: Mutex::default() }
    }

    pub(super) fn guarded(&self, effect: Effect) -> &str {
        match effect {
            Effect::Update { .. } => &self.update,
            Effect::Delete { .. } => &self.delete,
        }
    }

    /// The most bytes of values in one statement, if that matters.
    pub(super) const fn statement_bytes_max(&self) -> Option<usize> {
        self.statement_bytes_max
    }

    /// Whether several statements can be one text. Not by PostgreSQL: it prepares each by itself.
    pub(super) fn takes_several(&self) -> bool {
        self.backend == DbBackend::Sqlite
    }

    /// An insert of so many rows into each of these tables.
    pub(super) fn inserts(&self, tables: Vec<Table>, rows: usize) -> Arc<str> {
        let mut inserts = self.inserts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = inserts.entry((tables, rows));
        let text = known.or_insert_with_key(|(tables, _)| {
            let inserts: Vec<String> = tables.iter().map(|table| insert(self.backend, *table, rows)).collect();
            inserts.join(";").into()
        });
        Arc::clone(text)
    }
}

/// What a value costs besides its own bytes: its length and the format it comes in.
const VALUE_OVERHEAD_BYTES: usize = 6;

/// The lengths of the inserts that make up rows of these sizes in bytes: as long as they may be.
pub(super) fn inserts_for(sizes: &[usize], bytes_max: Option<usize>) -> Vec<usize> {
    let mut lengths = Vec::new();
    let mut left = sizes;
    while !left.is_empty() {
        let mut bytes = 0;
        let fits = |size: &&usize| {
            bytes += **size;
            bytes_max.is_none_or(|bytes_max| bytes <= bytes_max)
        };
        // One row goes by itself, however long it is.
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

/// How many bytes a row takes on its way to the database, nearly.
pub(super) fn row_bytes(row: &[Value]) -> usize {
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

fn placeholder() -> SimpleExpr {
    Expr::val(Value::Bool(None))
}

/// What stands in an insert for a value.
fn inserted(backend: DbBackend, table: Table, column: &str) -> SimpleExpr {
    match (table, column) {
        (Table::SearchTexts, search_text::WORDS) => words_value(backend, placeholder()),
        _ => placeholder(),
    }
}

fn insert(backend: DbBackend, table: Table, rows: usize) -> String {
    let columns = table.columns();
    let mut statement: InsertStatement = Query::insert();
    statement.into_table(Alias::new(table.name())).columns(columns.iter().copied().map(Alias::new));
    for _ in 0..rows {
        statement.values_panic(columns.iter().map(|column| inserted(backend, table, column)));
    }
    backend.build(&statement).sql
}

fn update(backend: DbBackend) -> String {
    let columns = Table::Incidents.columns().into_iter().filter(|column| *column != "id");
    let mut statement = Query::update();
    statement
        .table(Alias::new(Table::Incidents.name()))
        .values(columns.map(|column| (Alias::new(column), placeholder())))
        .and_where(Expr::col("id").eq(placeholder()))
        .and_where(Expr::col("version").eq(placeholder()))
        .and_where(Expr::col("timeline_length").eq(placeholder()));
    backend.build(&statement).sql
}

fn delete(backend: DbBackend) -> String {
    let mut statement = Query::delete();
    statement
        .from_table(Alias::new(Table::Incidents.name()))
        .and_where(Expr::col("id").eq(placeholder()))
        .and_where(Expr::col("version").eq(placeholder()));
    backend.build(&statement).sql
}

/// Details and labels are flat maps of texts; their JSON is not made yet.
fn json_bytes(json: &serde_json::Value) -> usize {
    const QUOTES_AND_COMMA_BYTES: usize = 6;
    let member = |(name, value): (&String, &serde_json::Value)| {
        QUOTES_AND_COMMA_BYTES + name.len() + value.as_str().map_or(0, str::len)
    };
    json.as_object().map_or(0, |map| map.iter().map(member).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserts_make_up_any_number_of_rows() {
        for rows in 0..=1_000 {
            let lengths = inserts_for(&vec![1; rows], None);
            assert_eq!(lengths.iter().sum::<usize>(), rows);
            assert!(lengths.len() <= 3 + rows / 128, "{rows} rows took {lengths:?}");
        }
    }

    #[test]
    fn no_statement_carries_more_bytes_than_it_may_unless_one_row_does() {
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
    fn a_guarded_update_names_what_it_expects() {
        let text = update(DbBackend::Postgres);
        let condition = r#"WHERE "id" = $32 AND "version" = $33 AND "timeline_length" = $34"#;
        assert!(text.ends_with(condition), "{text}");
    }
}
