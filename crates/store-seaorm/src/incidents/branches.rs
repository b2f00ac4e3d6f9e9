//! Lists of work: incidents and tasks. Both have statuses and priorities, and an index on each of them and the id.
//!
//! Such an index holds the rows of each value in the order of their ids. To read no more rows than a page needs, a list
//! of several values is a union of branches, one for each value, each limited to the length of the page.

use std::cmp::Ordering;

use incident_domain::{
    incidents::Priority,
    kernel::{Direction, ListCursor, SortPosition},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{CaseStatement, Expr, Query, SelectStatement, SimpleExpr, UnionType},
};

use crate::query::{Order, Reach};

/// A list of incidents or of tasks.
pub(crate) struct BranchedList<'a, Row: EntityTrait> {
    pub(crate) id: Row::Column,
    pub(crate) status: Row::Column,
    pub(crate) priority: Row::Column,
    pub(crate) key: Key,
    pub(crate) direction: Direction,
    /// The whole condition, which includes the statuses and the priorities.
    pub(crate) matching: Condition,
    pub(crate) statuses: Vec<&'static str>,
    pub(crate) priorities: &'a [Priority],
    /// Whether another condition has an index in the order of ids.
    pub(crate) has_other_index: bool,
}

/// The key of the order.
pub(crate) enum Key {
    Id,
    /// An expression that is never empty, and the id where it is equal.
    Of(SimpleExpr),
    Priority,
}

impl<Row: EntityTrait> BranchedList<'_, Row> {
    /// Selects a part of the list.
    pub(crate) fn part(&self, backend: DbBackend, reach: &Reach) -> Select<Row> {
        let order = match &self.key {
            Key::Id => Order::by_id(self.id, self.direction),
            Key::Of(key) => Order::by(key.clone(), self.id, self.direction),
            Key::Priority => {
                let columns = (self.priority, self.id, self.direction);
                return by_priority(columns, &self.matching, self.priorities, reach);
            }
        };
        // PostgreSQL knows how common each value is, and chooses the better plan itself.
        if backend == DbBackend::Sqlite && matches!(self.key, Key::Id) {
            let values = self.branches();
            if !values.is_empty() {
                return with_any(values, (self.id, self.direction), &self.matching, reach);
            }
        }
        let after_cursor = reach.cursor.as_ref().map(|cursor| order.after(cursor));
        order.part_of(Row::find().filter(self.matching.clone().add_option(after_cursor)), reach)
    }

    /// Splits a filter of several values into one branch for each, unless another condition has an index in the order of
    /// ids.
    fn branches(&self) -> Vec<SimpleExpr> {
        match (self.statuses.as_slice(), self.priorities) {
            _ if self.has_other_index => Vec::new(),
            (statuses @ [_, _, ..], _) => statuses.iter().map(|status| self.status.eq(*status)).collect(),
            ([], priorities @ [_, _, ..]) => {
                priorities.iter().map(|priority| self.priority.eq(priority.as_str())).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Selects rows with any of several values in a column, by id. Without branches, SQLite would read and sort the rows of
/// all the values.
fn with_any<Row: EntityTrait>(
    values: Vec<SimpleExpr>,
    (id, direction): (Row::Column, Direction),
    matching: &Condition,
    reach: &Reach,
) -> Select<Row> {
    let order = Order::by_id(id, direction);
    let after_cursor = reach.cursor.as_ref().map(|cursor| order.after(cursor));
    let branches = values
        .into_iter()
        .map(|value| Condition::all().add(value).add(matching.clone()).add_option(after_cursor.clone()));
    order.part_of(first_of_each(branches.collect(), id, &order, reach), reach)
}

/// Selects rows by priority, then by id. The index holds the priorities by name, and the rows of each in order.
fn by_priority<Row: EntityTrait>(
    (priority, id, direction): (Row::Column, Row::Column, Direction),
    matching: &Condition,
    wanted: &[Priority],
    reach: &Reach,
) -> Select<Row> {
    let within = Order::by_id(id, direction);
    let branches = Priority::ALL.iter().filter(|one| wanted.is_empty() || wanted.contains(one)).filter_map(|one| {
        let after_cursor = match &reach.cursor {
            Some(cursor) => after(cursor, *one, direction, &within)?,
            None => Condition::all(),
        };
        Some(Condition::all().add(priority.eq(one.as_str())).add(matching.clone()).add(after_cursor))
    });
    let order = Order::by(rank(priority), id, direction);
    order.part_of(first_of_each(branches.collect(), id, &within, reach), reach)
}

/// Selects which rows of a priority come after a cursor, if any do.
fn after(cursor: &ListCursor, priority: Priority, direction: Direction, within: &Order) -> Option<Condition> {
    let from_its_id = || Condition::all().add(within.after(cursor));
    let SortPosition::Rank(rank) = cursor.position else {
        return Some(from_its_id());
    };
    let from_cursor = match direction {
        Direction::Ascending => priority.rank().cmp(&rank),
        Direction::Descending => rank.cmp(&priority.rank()),
    };
    match from_cursor {
        Ordering::Less => None,
        Ordering::Equal => Some(from_its_id()),
        Ordering::Greater => Some(Condition::all()),
    }
}

fn rank(priority: impl ColumnTrait) -> SimpleExpr {
    let ranks = Priority::ALL.iter().fold(CaseStatement::new(), |ranks, one| {
        ranks.case(priority.eq(one.as_str()), Expr::val(i64::from(one.rank())))
    });
    ranks.into()
}

/// Selects the first rows of each branch, as many as the part may need. Without a branch there are none.
fn first_of_each<Row: EntityTrait>(
    branches: Vec<Condition>,
    id: Row::Column,
    order: &Order,
    reach: &Reach,
) -> Select<Row> {
    let count_max = reach.offset.saturating_add(reach.limit);
    let mut firsts = branches.into_iter().map(|branch| {
        let ids = order.of(Row::find().select_only().column(id).filter(branch)).limit(count_max).into_query();
        // SQLite accepts an order and a limit inside a union only in a nested select.
        Query::select().column(id).from_subquery(ids, "branch").take()
    });
    let candidates = match firsts.next() {
        Some(first) => id.in_subquery(
            firsts.fold(first, |mut union: SelectStatement, branch| union.union(UnionType::All, branch).take()),
        ),
        None => Expr::val(false),
    };
    Row::find().filter(candidates)
}
