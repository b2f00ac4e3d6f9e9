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

/// How many rows one insert may have. Few different lengths are few prepared statements; between them
/// they make up any number in a few statements. The longest stays far below the 32,766 parameters that
/// SQLite can bind, and PostgreSQL's 65,535.
const ROWS_PER_INSERT: [usize; 16] = [128, 96, 64, 48, 32, 24, 16, 12, 8, 7, 6, 5, 4, 3, 2, 1];

pub(super) struct Sql {
    backend: DbBackend,
    update: String,
    delete: String,
    inserts: Mutex<HashMap<(Table, usize), Arc<str>>>,
}

impl Sql {
    pub(super) fn new(backend: DbBackend) -> Self {
        let update = update(backend);
        let delete = delete(backend);
        Self { backend, update, delete, inserts: Mutex::default() }
    }

    pub(super) fn guarded(&self, effect: Effect) -> &str {
        match effect {
            Effect::Update { .. } => &self.update,
            Effect::Delete { .. } => &self.delete,
        }
    }

    pub(super) fn insert(&self, table: Table, rows: usize) -> Arc<str> {
        let mut inserts = self.inserts.lock().unwrap_or_else(PoisonError::into_inner);
        let text = inserts.entry((table, rows)).or_insert_with(|| insert(self.backend, table, rows).into());
        Arc::clone(text)
    }
}

/// The lengths of the inserts that make up this many rows, the longest first.
pub(super) fn inserts_for(rows: usize) -> impl Iterator<Item = usize> {
    let mut left = rows;
    std::iter::from_fn(move || {
        let length = ROWS_PER_INSERT.into_iter().find(|length| *length <= left)?;
        left -= length;
        Some(length)
    })
}

fn placeholder() -> SimpleExpr {
    Expr::val(Value::Bool(None))
}

fn insert(backend: DbBackend, table: Table, rows: usize) -> String {
    let columns = table.columns();
    let mut statement: InsertStatement = Query::insert();
    statement.into_table(Alias::new(table.name())).columns(columns.iter().copied().map(Alias::new));
    for _ in 0..rows {
        statement.values_panic(columns.iter().map(|_| placeholder()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserts_make_up_any_number_of_rows() {
        for rows in 0..=1_000 {
            let lengths: Vec<usize> = inserts_for(rows).collect();
            assert_eq!(lengths.iter().sum::<usize>(), rows);
            assert!(lengths.len() <= 3 + rows / 128, "{rows} rows took {lengths:?}");
        }
    }

    #[test]
    fn a_guarded_update_names_what_it_expects() {
        let text = update(DbBackend::Postgres);
        let condition = r#"WHERE "id" = $31 AND "version" = $32 AND "timeline_length" = $33"#;
        assert!(text.ends_with(condition), "{text}");
    }
}
