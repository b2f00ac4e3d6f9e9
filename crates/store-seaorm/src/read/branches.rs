//! Lists whose rows one index holds in several parts, each of them in order: the rows of each value of a column, by id.
//!
//! The first rows of each part are enough for the first of all. To read no more of them, a list is put together from
//! branches, one for each value.

use std::cmp::Ordering;

use incident_domain::{Direction, ListCursor, Priority, SortPosition};
use sea_orm::{
    ColumnTrait, Condition, DbBackend, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{CaseStatement, Expr, Query, SelectStatement, SimpleExpr, UnionType},
};

use super::order::{Order, Reach};

/// A list of incidents or of tasks: both have statuses and priorities, and an index on each of them and the id.
pub(super) struct WorkList<'a, Row: EntityTrait> {
    pub(super) id: Row::Column,
    pub(super) status: Row::Column,
    pub(super) priority: Row::Column,
    pub(super) key: Key,
    pub(super) direction: Direction,
    /// The whole condition, of which the statuses and the priorities are a part.
    pub(super) matching: Condition,
    pub(super) statuses: Vec<&'static str>,
    pub(super) priorities: &'a [Priority],
    /// Whether another condition has an index that keeps the order of ids.
    pub(super) has_other_index: bool,
}

/// What such a list is ordered by.
pub(super) enum Key {
    Id,
    /// Something that is never empty, and the id where it is equal.
    Of(SimpleExpr),
    Priority,
}

impl<Row: EntityTrait> WorkList<'_, Row> {
    /// The part of the list that a reach asks for.
    pub(super) fn part(&self, backend: DbBackend, reach: &Reach) -> Select<Row> {
        let order = match &self.key {
            Key::Id => Order::by_id(self.id, self.direction),
            Key::Of(key) => Order::by(key.clone(), self.id, self.direction),
            Key::Priority => {
                let columns = (self.priority, self.id, self.direction);
                return by_priority(columns, &self.matching, self.priorities, reach);
            }
        };
        // PostgreSQL knows how common each value is, and finds the better way by itself.
        if backend == DbBackend::Sqlite && matches!(self.key, Key::Id) {
            let values = self.branches();
            if !values.is_empty() {
                return with_any(values, (self.id, self.direction), &self.matching, reach);
            }
        }
        let after_cursor = reach.cursor.as_ref().map(|cursor| order.after(cursor));
        order.part_of(Row::find().filter(self.matching.clone().add_option(after_cursor)), reach)
    }

    /// An index on a column and the id holds the rows of one value in the order of a list, but those of several values
    /// only one value after the other. So a filter of several values is split into one branch for each, unless another
    /// condition has an index that keeps the order.
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

/// A list by id, of rows with any of several values in a column.
///
/// Left alone, SQLite reads the rows of one value after the other and sorts all of them.
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

/// A list by priority, then by id. The index on the priorities' names has the rows of each in order, though not the
/// priorities themselves.
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

/// Which rows of a priority come after a place, if any do.
fn after(cursor: &ListCursor, priority: Priority, direction: Direction, within: &Order) -> Option<Condition> {
    let from_its_id = || Condition::all().add(within.after(cursor));
    let SortPosition::Rank(place) = cursor.position else {
        return Some(from_its_id());
    };
    let from_place = match direction {
        Direction::Ascending => priority.rank().cmp(&place),
        Direction::Descending => place.cmp(&priority.rank()),
    };
    match from_place {
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

/// The rows among which the first ones of a list are, when each branch gives its own first ones: as many as the part
/// may need. Without a branch there is nothing.
fn first_of_each<Row: EntityTrait>(
    branches: Vec<Condition>,
    id: Row::Column,
    order: &Order,
    reach: &Reach,
) -> Select<Row> {
    let count_max = reach.offset.saturating_add(reach.limit);
    let mut firsts = branches.into_iter().map(|branch| {
        let ids = order.of(Row::find().select_only().column(id).filter(branch)).limit(count_max).into_query();
        // SQLite takes an order and a limit inside a union only behind one more select.
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
