//! Imports incidents from files of other systems: reads the files, replays them, and reports the result. The replay of
//! the application decides what an incident becomes.
//!
//! ## To add another system
//!
//! 1. Add a folder beside `servicenow` that reads its format into an [`ImportFile`], and refuses a file of another
//!    format before anything is stored. Read text with a [`TextReader`], which knows encodings.
//! 2. Add a command that reads the file, opens the store, and calls [`replay`](fn@replay). If no row can be used, it calls
//!    [`report_nothing_imported`] instead.

mod findings;
mod import_file;
mod replay;
mod report;
pub mod servicenow;
mod text;

pub use findings::{Finding, Findings, Lines};
pub use import_file::ImportFile;
pub use replay::{ImportEnd, replay, report_nothing_imported};
pub use text::{InvalidText, TextReader};
