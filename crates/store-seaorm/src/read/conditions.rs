//! Conditions that several lists have.

use incident_domain::TimeRange;
use sea_orm::{
    Condition, DbBackend,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::order::storable;

/// What [`TimeRange::contains`] says, in SQL.
pub(super) fn in_range(time: &SimpleExpr, range: &TimeRange) -> Option<Condition> {
    // The end of what can be stored stands for all times after it, and is itself before them.
    let is_later = |bound| storable(bound) < bound;
    let since = range.since.map(|since| match storable(since) {
        end if is_later(since) => time.clone().gt(end),
        since => time.clone().gte(since),
    });
    let until = range.until.map(|until| match storable(until) {
        end if is_later(until) => time.clone().lte(end),
        until => time.clone().lt(until),
    });
    let bounds = Condition::all().add_option(since).add_option(until);
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
