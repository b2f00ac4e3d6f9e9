//! Touches: they move the time at which a row was last used forwards.

use std::collections::BTreeMap;

use incident_domain::kernel::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, Query, TableRef, UpdateStatement, ValueTuple};
use uuid::Uuid;

use crate::{few_lengths::few_lengths, table::Table};

/// How many touches one statement makes: as many as PostgreSQL is sent at once.
const TOUCHES_PER_STATEMENT_MAX: usize = 256;

pub(super) struct Touch {
    pub(super) column: (&'static Table, &'static str),
    pub(super) id: Uuid,
    pub(super) at: Timestamp,
}

/// Builds statements that make many touches of a column: a process that collects them makes hundreds at once. Each row
/// is in one of the statements, with the latest time given.
pub(super) fn touch(column: (&'static Table, &'static str), latest: BTreeMap<Uuid, Timestamp>) -> Vec<UpdateStatement> {
    let touches: Vec<(Uuid, Timestamp)> = latest.into_iter().collect();
    touches.chunks(TOUCHES_PER_STATEMENT_MAX).map(|touches| touch_statement(column, touches.to_vec())).collect()
}

fn touch_statement(
    (table, column): (&'static Table, &'static str),
    touches: Vec<(Uuid, Timestamp)>,
) -> UpdateStatement {
    let name = (table.name)();
    // Both databases give the columns of such a list these names.
    let (id, at) = (Expr::col(("touched", "column1")), Expr::col(("touched", "column2")));
    let rows = few_lengths(touches).into_iter().map(|(id, at)| ValueTuple::Two(id.into(), at.into())).collect();
    let stored = Expr::col((name, column));
    Query::update()
        .table(name)
        .from(TableRef::ValuesList(rows, "touched".into()))
        .value(column, at.clone())
        .and_where(Expr::col((name, "id")).eq(id))
        .and_where(stored.clone().is_null().or(stored.lt(at)))
        .take()
}
