//! What was found in a file.

use incident_application::ForeignLog;

/// A file that was read whole, before anything is written.
#[derive(Debug)]
pub struct ImportFile {
    /// Its name, as it was given.
    pub name: String,
    /// What it says.
    pub log: ForeignLog,
    /// How many rows it has besides the header.
    pub rows: usize,
    /// Rows that cannot be used.
    pub skipped: Vec<Finding>,
    /// Values that cannot be used, in rows that can.
    pub ignored: Vec<Finding>,
    /// Columns that the format knows and this file does not have.
    pub absent_columns: Vec<&'static str>,
}

/// Something about a line of a file that somebody should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, from 1, the header included.
    pub line: u64,
    /// The incident it speaks of, if it says so.
    pub incident: Option<String>,
    /// What is the matter.
    pub reason: String,
}
