//! Conditions that several lists have.

use incident_domain::TimeRange;
use sea_orm::{
    Condition, DbBackend,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::order::storable;

/// What [`TimeRange::contains`] says, in SQL.
pub(super) fn in_range(time: &SimpleExpr, range: &TimeRange) -> Option<Condition> {
    let bounds = Condition::all()
        .add_option(range.since.map(|since| time.clone().gte(storable(since))))
        .add_option(range.until.map(|until| time.clone().lt(storable(until))));
    (!range.is_open()).then_some(bounds)
}

/// Whether a condition on a column is a good way to find rows, or is only to be checked on those found otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    ToFind,
    ToCheck,
}

/// A column in a condition.
///
/// SQLite knows nothing of how many rows a condition leaves, takes any index on its column for a good one, and sorts
/// whatever that gives. A `+` before the column hides the index. PostgreSQL knows better than this program.
pub(super) fn column(backend: DbBackend, column: SimpleExpr, of_use: Use) -> SimpleExpr {
    match (backend, of_use) {
        (DbBackend::Sqlite, Use::ToCheck) => Expr::cust_with_expr("+?", column),
        _ => column,
    }
}
