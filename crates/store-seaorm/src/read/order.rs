//! The order of a list, and going on after a place in it.

use std::cmp::Ordering;

use incident_domain::{Direction, ListCursor, SortPosition, TaskSortKey, Timestamp};
use sea_orm::{
    ColumnTrait, EntityTrait, Order as SqlOrder, QueryOrder, QuerySelect, Select, Value,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};
use uuid::Uuid;

/// The order of a list in the database's terms: by a key, if there is one, and by id where that is equal, both in the
/// same direction. One index has both, and is read either way.
#[derive(Clone)]
pub(super) struct Order {
    key: Option<SimpleExpr>,
    id: SimpleExpr,
    direction: Direction,
}

impl Order {
    /// By id alone.
    pub(super) fn by_id(id: impl ColumnTrait, direction: Direction) -> Self {
        Self { key: None, id: Expr::col(id.as_column_ref()), direction }
    }

    /// By a key that is never empty, and by id.
    pub(super) fn by(key: SimpleExpr, id: impl ColumnTrait, direction: Direction) -> Self {
        Self { key: Some(key), ..Self::by_id(id, direction) }
    }

    /// What comes after a place.
    pub(super) fn after(&self, cursor: &ListCursor) -> SimpleExpr {
        let (here, there) = match (&self.key, place_of(cursor)) {
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

    /// A selection in this order.
    pub(super) fn of<Row: EntityTrait>(&self, selection: Select<Row>) -> Select<Row> {
        let direction = match self.direction {
            Direction::Ascending => SqlOrder::Asc,
            Direction::Descending => SqlOrder::Desc,
        };
        let keys = self.key.iter().chain([&self.id]);
        keys.fold(selection, |selection, key| selection.order_by(key.clone(), direction.clone()))
    }

    /// The part of a selection in this order that a reach asks for. It does not look at the cursor.
    pub(super) fn part_of<Row: EntityTrait>(&self, selection: Select<Row>, reach: &Reach) -> Select<Row> {
        let part = self.of(selection).limit(reach.limit);
        if reach.offset == 0 { part } else { part.offset(reach.offset) }
    }
}

/// Which part of a list is wanted.
pub(super) struct Reach {
    /// What comes before this place is left out.
    pub(super) cursor: Option<ListCursor>,
    pub(super) offset: u64,
    pub(super) limit: u64,
}

/// A place as values that the databases can compare. A cursor comes from whoever sends it, and may be a place at which
/// nothing can stand: such a one becomes its nearest neighbour.
fn place_of(cursor: &ListCursor) -> (Option<Value>, Uuid) {
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
        // PostgreSQL refuses texts with a NUL, which no text has that is stored.
        SortPosition::Text(text) => match text.split_once('\0') {
            Some((before, _)) => (Some(before.into()), Uuid::max()),
            None => (Some(text.as_str().into()), cursor.id),
        },
    }
}

/// A time, or the nearest one of the years that both databases can write: 0000 to 9999.
pub(super) fn storable(time: Timestamp) -> Timestamp {
    const YEAR_0_MICROS: i64 = -62_167_219_200_000_000;
    let first = Timestamp::from_timestamp_micros(YEAR_0_MICROS).unwrap_or(Timestamp::MIN_UTC);
    time.clamp(first, TaskSortKey::NEVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(position: SortPosition) -> (Option<Value>, Uuid) {
        place_of(&ListCursor { position, id: Uuid::from_u128(7) })
    }

    #[test]
    fn a_place_at_which_nothing_can_stand_becomes_its_neighbour() {
        let first: Timestamp = "0000-01-01T00:00:00Z".parse().expect("a time");
        assert_eq!(place(SortPosition::Time(Timestamp::MIN_UTC)), (Some(first.into()), Uuid::nil()));
        assert_eq!(place(SortPosition::Time(Timestamp::MAX_UTC)), (Some(TaskSortKey::NEVER.into()), Uuid::max()));
        assert_eq!(place(SortPosition::Text("a\0b".to_owned())), (Some("a".into()), Uuid::max()));
    }

    #[test]
    fn any_other_place_stays_what_it_is() {
        let time = Timestamp::UNIX_EPOCH;
        assert_eq!(place(SortPosition::Time(time)), (Some(time.into()), Uuid::from_u128(7)));
        assert_eq!(place(SortPosition::Text("a".to_owned())), (Some("a".into()), Uuid::from_u128(7)));
        assert_eq!(place(SortPosition::Id), (None, Uuid::from_u128(7)));
    }
}
