//! The order of a list, and how a list continues after a cursor.

use std::cmp::Ordering;

use incident_domain::kernel::{Direction, ListCursor, SortPosition, Timestamp};
use sea_orm::{
    ColumnTrait, EntityTrait, Order as SqlOrder, QueryOrder, QuerySelect, Select, Value,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use uuid::Uuid;

/// The order of a list in SQL: by a key, if there is one, and by id where that is equal, both in the same direction, so
/// that one index on both serves either direction.
#[derive(Clone)]
pub(crate) struct Order {
    key: Option<SimpleExpr>,
    id: SimpleExpr,
    direction: Direction,
}

/// Which part of a list is wanted.
pub(crate) struct Reach {
    /// Only what comes after it.
    pub(crate) cursor: Option<ListCursor>,
    pub(crate) offset: u64,
    pub(crate) limit: u64,
}

impl Order {
    /// Orders by id alone.
    pub(crate) fn by_id(id: impl ColumnTrait, direction: Direction) -> Self {
        Self { key: None, id: Expr::col(id.as_column_ref()), direction }
    }

    /// Orders by a key that is never empty, and by id.
    pub(crate) fn by(key: SimpleExpr, id: impl ColumnTrait, direction: Direction) -> Self {
        Self { key: Some(key), ..Self::by_id(id, direction) }
    }

    /// Selects what comes after a cursor.
    pub(crate) fn after(&self, cursor: &ListCursor) -> SimpleExpr {
        let (here, there) = match (&self.key, storable_cursor(cursor)) {
            (Some(key), (Some(position), id)) => {
                (Expr::tuple([key.clone(), self.id.clone()]), Expr::tuple([Expr::val(position), Expr::val(id)]))
            }
            (_, (_, id)) => (self.id.clone(), Expr::val(id)),
        };
        match self.direction {
            Direction::Ascending => here.gt(there),
            Direction::Descending => here.lt(there),
        }
    }

    /// Puts a selection into this order.
    pub(crate) fn of<Row: EntityTrait>(&self, selection: Select<Row>) -> Select<Row> {
        let direction = match self.direction {
            Direction::Ascending => SqlOrder::Asc,
            Direction::Descending => SqlOrder::Desc,
        };
        let keys = self.key.iter().chain([&self.id]);
        keys.fold(selection, |selection, key| selection.order_by(key.clone(), direction.clone()))
    }

    /// Limits a selection in this order to the wanted part, apart from the cursor.
    pub(crate) fn part_of<Row: EntityTrait>(&self, selection: Select<Row>, reach: &Reach) -> Select<Row> {
        let part = self.of(selection).limit(reach.limit);
        if reach.offset == 0 { part } else { part.offset(reach.offset) }
    }
}

/// Converts a cursor into values that the databases can compare. Clients can send any cursor: one that no stored row
/// can have becomes its nearest neighbour.
fn storable_cursor(cursor: &ListCursor) -> (Option<Value>, Uuid) {
    match &cursor.position {
        SortPosition::Id => (None, cursor.id),
        SortPosition::Rank(rank) => (Some(i64::from(*rank).into()), cursor.id),
        SortPosition::Time(time) => {
            let storable = storable(*time);
            let id = match storable.cmp(time) {
                Ordering::Less => Uuid::max(),
                Ordering::Equal => cursor.id,
                Ordering::Greater => Uuid::nil(),
            };
            (Some(storable.into()), id)
        }
        // PostgreSQL refuses texts with a NUL, and no stored text has one.
        SortPosition::Text(text) => match text.split_once('\0') {
            Some((before, _)) => (Some(before.into()), Uuid::max()),
            None => (Some(text.as_str().into()), cursor.id),
        },
    }
}

/// Returns a time, or the nearest one of the years that both databases can write: 0000 to 9999.
pub(crate) fn storable(time: Timestamp) -> Timestamp {
    const FIRST_MICROS: i64 = -62_167_219_200_000_000;
    const LAST_MICROS: i64 = 253_402_300_799_999_999;
    let first = Timestamp::from_timestamp_micros(FIRST_MICROS).unwrap_or(Timestamp::MIN_UTC);
    let last = Timestamp::from_timestamp_micros(LAST_MICROS).unwrap_or(Timestamp::MAX_UTC);
    time.clamp(first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(position: SortPosition) -> (Option<Value>, Uuid) {
        storable_cursor(&ListCursor { position, id: Uuid::from_u128(7) })
    }

    #[test]
    fn a_cursor_that_no_row_can_have_becomes_its_neighbour() {
        let [first, last]: [Timestamp; 2] =
            ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"].map(|time| time.parse().expect("a time"));
        assert_eq!(stored(SortPosition::Time(Timestamp::MIN_UTC)), (Some(first.into()), Uuid::nil()));
        assert_eq!(stored(SortPosition::Time(Timestamp::MAX_UTC)), (Some(last.into()), Uuid::max()));
        assert_eq!(stored(SortPosition::Text("a\0b".to_owned())), (Some("a".into()), Uuid::max()));
    }

    #[test]
    fn any_other_cursor_stays_as_it_is() {
        let time = Timestamp::UNIX_EPOCH;
        assert_eq!(stored(SortPosition::Time(time)), (Some(time.into()), Uuid::from_u128(7)));
        assert_eq!(stored(SortPosition::Text("a".to_owned())), (Some("a".into()), Uuid::from_u128(7)));
        assert_eq!(stored(SortPosition::Id), (None, Uuid::from_u128(7)));
    }
}
