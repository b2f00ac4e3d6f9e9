//! The content of a file that is imported.

use incident_application::work::ForeignLog;

/// A file that was read completely, before anything is stored.
#[derive(Debug)]
pub struct ImportFile {
    /// The name, as it was given.
    pub name: String,
    /// The incidents and people of the file.
    pub log: ForeignLog,
    /// The number of rows without the header.
    pub rows: usize,
    /// Rows that cannot be used.
    pub skipped: Vec<Finding>,
    /// Values that cannot be used, in rows that can.
    pub ignored: Vec<Finding>,
    /// Columns that the format has and this file has not.
    pub absent_columns: Vec<&'static str>,
}

/// A problem in a line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The number of the line; the header is line 1.
    pub line: u64,
    /// The incident of the line, if it names one.
    pub incident: Option<String>,
    /// The problem.
    pub reason: String,
}
