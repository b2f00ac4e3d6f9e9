//! The content of a file that is imported.

use incident_application::work::ForeignLog;

use super::findings::Findings;

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
    pub skipped: Findings,
    /// Values that cannot be used, in rows that can.
    pub ignored: Findings,
    /// Columns that the format has and this file has not.
    pub absent_columns: Vec<&'static str>,
}
