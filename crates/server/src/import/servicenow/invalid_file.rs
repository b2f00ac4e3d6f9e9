//! Files that are no event log, or an incomplete or ambiguous one.

use std::{fmt, io};

use thiserror::Error;

use super::super::text::InvalidText;

/// Why a file is refused as a whole.
#[derive(Debug, Error)]
pub(super) enum InvalidFile {
    #[error("the file is empty")]
    Empty,
    #[error(transparent)]
    Text(InvalidText),
    #[error("the file cannot be read")]
    Unreadable(#[source] io::Error),
    #[error("the file is not an incident event log: its header lacks the columns {}", .missing.join(", "))]
    Header { missing: Vec<&'static str> },
    #[error("the header names the column {name} twice")]
    RepeatedColumn { name: &'static str },
    #[error("line {line} has {found} fields, the header has {expected}; the file may be cut off or damaged")]
    FieldCount { line: u64, expected: usize, found: usize },
    #[error("line {line} begins a row of more than {mib_max} MiB; a quote may lack its counterpart")]
    LongRow { line: u64, mib_max: u64 },
    #[error("line {line} is cut off: the file ends in the middle of a value")]
    CutOff { line: u64 },
    #[error(
        "line {line} may be cut off: the file ends without a line break after an incomplete or missing value; if the \
         file is whole, add a line break to its end"
    )]
    MaybeCutOff { line: u64 },
    #[error("the file has a header and no rows")]
    NoRows,
    #[error("the file is not CSV: {0}")]
    NotCsv(String),
    #[error(
        "nothing in the file decides the order of day and month in dates such as {witness}; repeat the command with \
         --date-order day-first or --date-order month-first"
    )]
    UndecidedDates { witness: Witness },
    #[error(
        "the dates of the file contradict one another: {day_first} has the day first, {month_first} the month; write all \
         dates in one order, or split the file"
    )]
    ContradictoryDates { day_first: Witness, month_first: Witness },
    #[error("the file has other dates than --date-order {chosen} says, such as {witness}")]
    OtherDateOrder { chosen: &'static str, witness: Witness },
}

/// A date of a file.
#[derive(Clone, Debug)]
pub(super) struct Witness {
    pub(super) line: u64,
    pub(super) value: String,
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in line {}", self.value, self.line)
    }
}

impl From<io::Error> for InvalidFile {
    fn from(error: io::Error) -> Self {
        error.downcast::<InvalidText>().map_or_else(Self::Unreadable, Self::Text)
    }
}

impl From<csv::Error> for InvalidFile {
    fn from(error: csv::Error) -> Self {
        match error.into_kind() {
            csv::ErrorKind::Io(error) => error.into(),
            other => Self::NotCsv(format!("{other:?}")),
        }
    }
}
