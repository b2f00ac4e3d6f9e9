//! Conditions that several lists have.

use incident_domain::kernel::TimeRange;
use sea_orm::{
    Condition, DbBackend,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::order::storable;

/// Says in SQL what [`TimeRange::contains`] says.
pub(crate) fn in_range(time: &SimpleExpr, range: &TimeRange) -> Option<Condition> {
    // The latest time that can be stored stands for all later ones, and is itself earlier than they are.
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

/// Whether the index of a condition's column is a good way to find rows, or rows are found otherwise and checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    ToFind,
    ToCheck,
}

/// Names a column in a condition.
///
/// SQLite does not know how many rows a condition leaves: it uses any index on the column, and sorts what that finds. A
/// `+` before the column hides the index. PostgreSQL has statistics.
pub(crate) fn column(backend: DbBackend, column: SimpleExpr, of_use: Use) -> SimpleExpr {
    match (backend, of_use) {
        (DbBackend::Sqlite, Use::ToCheck) => Expr::cust_with_expr("+?", column),
        _ => column,
    }
}
