//! Sort orders, list cursors and time ranges.

use std::{fmt, str::FromStr};

use thiserror::Error;
use uuid::Uuid;

use super::{Timestamp, UnknownName};

/// The direction of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The smallest first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// A key by which items can be sorted. Equal items are sorted by id in the same direction, so that the order is total.
pub trait SortKey: Copy + Send + Sync {
    /// The type of the items.
    type Item;

    /// Returns the position of an item.
    fn position_of(self, item: &Self::Item) -> SortPosition;

    /// Returns true if a position is one of this key.
    fn has(self, position: &SortPosition) -> bool;
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort<K> {
    /// The sort key.
    pub key: K,
    /// The direction.
    pub direction: Direction,
}

impl<K: SortKey> Sort<K> {
    /// Returns the cursor of an item, after which the next page starts.
    pub fn cursor_of(&self, item: &K::Item, id: Uuid) -> ListCursor {
        ListCursor { position: self.key.position_of(item), id }
    }

    /// Returns true if a cursor belongs to this order.
    pub fn has(&self, cursor: &ListCursor) -> bool {
        self.key.has(&cursor.position)
    }
}

/// Parses the name of a key, with a `-` in front for descending order.
impl<K: FromStr<Err = UnknownName>> FromStr for Sort<K> {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (direction, name) = match text.strip_prefix('-') {
            Some(name) => (Direction::Descending, name),
            None => (Direction::Ascending, text),
        };
        Ok(Self { key: name.parse()?, direction })
    }
}

/// The position of an item by a sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SortPosition {
    /// The id alone, which follows the order of creation.
    Id,
    /// A number.
    Rank(u32),
    /// A time.
    Time(Timestamp),
    /// A text, compared by code points.
    Text(String),
}

/// The position of the last item of a page; the next page starts after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListCursor {
    /// The position by the sort key.
    pub position: SortPosition,
    /// The id, which orders items with equal positions.
    pub id: Uuid,
}

/// A text that is not a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a cursor that this list gave")]
pub struct ListCursorError;

/// Formats the cursor for clients: the position with a letter for its kind, an underscore and the id, or the id alone.
impl fmt::Display for ListCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.position {
            SortPosition::Id => write!(f, "{}", self.id),
            SortPosition::Rank(rank) => write!(f, "r{rank}_{}", self.id),
            SortPosition::Time(time) => write!(f, "t{}_{}", time.timestamp_micros(), self.id),
            SortPosition::Text(text) => write!(f, "x{text}_{}", self.id),
        }
    }
}

impl FromStr for ListCursor {
    type Err = ListCursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((position, id)) = text.rsplit_once('_') else {
            let id = text.parse().map_err(|_| ListCursorError)?;
            return Ok(Self { position: SortPosition::Id, id });
        };
        let id = id.parse().map_err(|_| ListCursorError)?;
        Ok(Self { position: parse_position(position).ok_or(ListCursorError)?, id })
    }
}

fn parse_position(text: &str) -> Option<SortPosition> {
    let mut chars = text.chars();
    let kind = chars.next()?;
    let value = chars.as_str();
    Some(match kind {
        'r' => SortPosition::Rank(value.parse().ok()?),
        't' => SortPosition::Time(Timestamp::from_timestamp_micros(value.parse().ok()?)?),
        'x' => SortPosition::Text(value.to_owned()),
        _ => return None,
    })
}

/// A range of time; an absent bound is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first time in the range.
    pub since: Option<Timestamp>,
    /// The first time after the range.
    pub until: Option<Timestamp>,
}

impl TimeRange {
    /// Returns true if a time is in the range; an absent time is only in the open range.
    pub fn contains(&self, time: Option<Timestamp>) -> bool {
        match time {
            Some(time) => self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until),
            None => self.is_open(),
        }
    }

    /// Returns true if the range has no bounds.
    pub const fn is_open(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_formatting_and_parsing() {
        let id = Uuid::from_u128(7);
        let time = Timestamp::from_timestamp_micros(1_700_000_000_123_456).unwrap();
        let positions = [
            SortPosition::Id,
            SortPosition::Rank(3),
            SortPosition::Time(time),
            SortPosition::Text("ada_lovelace@example.org".to_owned()),
            SortPosition::Text(String::new()),
        ];
        for position in positions {
            let cursor = ListCursor { position, id };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
    }

    #[test]
    fn a_text_that_is_not_a_cursor_is_refused() {
        for text in
            ["", "7", "t_", "z1_00000000-0000-0000-0000-000000000007", "tnow_00000000-0000-0000-0000-000000000007"]
        {
            assert_eq!(text.parse::<ListCursor>(), Err(ListCursorError), "{text}");
        }
    }
}
