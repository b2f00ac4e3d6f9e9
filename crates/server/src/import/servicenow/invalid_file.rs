//! Files that are no event log, or an incomplete one.

use thiserror::Error;

/// Why a file is refused as a whole.
#[derive(Debug, PartialEq, Eq, Error)]
pub(super) enum InvalidFile {
    #[error("the file is empty")]
    Empty,
    #[error("the file is not text: byte {offset} is NUL")]
    Binary { offset: usize },
    #[error("the file is not text in UTF-8: byte {offset} is not part of a character")]
    NotUtf8 { offset: usize },
    #[error("the file is not an incident event log: its header lacks the columns {}", .missing.join(", "))]
    Header { missing: Vec<&'static str> },
    #[error("the header names the column {name} twice")]
    RepeatedColumn { name: &'static str },
    #[error("line {line} has {found} fields, the header has {expected}; the file may be cut off or damaged")]
    FieldCount { line: u64, expected: u64, found: u64 },
    #[error("line {line} is cut off: the file ends in the middle of a value")]
    CutOff { line: u64 },
    #[error("the file has a header and no rows")]
    NoRows,
    #[error("the file is not CSV: {0}")]
    NotCsv(String),
}

impl From<csv::Error> for InvalidFile {
    fn from(error: csv::Error) -> Self {
        match error.kind() {
            csv::ErrorKind::UnequalLengths { pos, expected_len, len } => Self::FieldCount {
                line: pos.as_ref().map_or(0, csv::Position::line),
                expected: *expected_len,
                found: *len,
            },
            _ => Self::NotCsv(error.to_string()),
        }
    }
}
