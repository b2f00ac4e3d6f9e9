//! The order of a list, and places in it.

use std::{fmt, str::FromStr};

use thiserror::Error;
use uuid::Uuid;

use super::{Timestamp, UnknownName};

/// Which way a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the smallest to the greatest.
    Ascending,
    /// From the greatest to the smallest.
    Descending,
}

/// By what the things of one kind can be ordered. Things that are equal by it are ordered by their ids, in the
/// same direction, so that every list has one order only.
pub trait SortKey: Copy + Send + Sync {
    /// What is ordered.
    type Item;

    /// Where a thing stands by this key.
    fn position_of(self, item: &Self::Item) -> SortPosition;

    /// Whether a position is one of this key.
    fn has(self, position: &SortPosition) -> bool;
}

/// The order of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort<K> {
    /// By what.
    pub key: K,
    /// Which way.
    pub direction: Direction,
}

impl<K: SortKey> Sort<K> {
    /// The place of a thing in the list, from which its reader can go on.
    pub fn cursor_of(&self, item: &K::Item, id: Uuid) -> ListCursor {
        ListCursor { position: self.key.position_of(item), id }
    }

    /// Whether a cursor is a place in this list.
    pub fn has(&self, cursor: &ListCursor) -> bool {
        self.key.has(&cursor.position)
    }
}

/// A key's name for the order from the smallest, with a `-` before it for the other way round.
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

/// Where something stands by a sort key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SortPosition {
    /// By its id alone, which is the order in which things were made.
    Id,
    /// By a number.
    Rank(u32),
    /// By a time.
    Time(Timestamp),
    /// By a text, code point by code point.
    Text(String),
}

/// A place in a list: what comes after it is what its reader has not seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListCursor {
    /// By the sort key.
    pub position: SortPosition,
    /// Among those that are equal by it.
    pub id: Uuid,
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a cursor that this list gave")]
pub struct ListCursorError;

/// The form in which a client carries it: the id, and before it, where there is one, the position with its kind.
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
        Ok(Self { position: position_from(position).ok_or(ListCursorError)?, id })
    }
}

fn position_from(text: &str) -> Option<SortPosition> {
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

/// A span of time; what is not given is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

impl TimeRange {
    /// Whether a time lies in it; no time lies in the open span only.
    pub fn contains(&self, time: Option<Timestamp>) -> bool {
        match time {
            Some(time) => self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until),
            None => self.is_open(),
        }
    }

    /// Whether it holds all times.
    pub const fn is_open(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
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
    fn what_is_no_cursor_is_refused() {
        for text in
            ["", "7", "t_", "z1_00000000-0000-0000-0000-000000000007", "tnow_00000000-0000-0000-0000-000000000007"]
        {
            assert_eq!(text.parse::<ListCursor>(), Err(ListCursorError), "{text}");
        }
    }
}
