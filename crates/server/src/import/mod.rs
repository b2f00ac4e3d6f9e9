//! Imports incidents from files of other systems: reads the files, replays them, and reports the result. The replay of
//! the application decides what an incident becomes.
//!
//! ## To add another system
//!
//! 1. Add a folder beside `servicenow` that reads its format into an [`ImportFile`], and refuses a file of another
//!    format before anything is stored.
//! 2. Add a command that reads the file, opens the store, and calls [`replay`](fn@replay).

mod import_file;
mod replay;
mod report;
pub mod servicenow;

pub use import_file::{Finding, ImportFile};
pub use replay::replay;
