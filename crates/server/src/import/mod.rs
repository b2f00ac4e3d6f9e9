//! Taking over incidents from other systems: reading their files, and telling what came of it. What an
//! incident becomes is decided by the application's replay.
//!
//! ## To add another system
//!
//! 1. Give it a folder beside `servicenow` that reads its format into an [`ImportFile`], and
//!    refuses a file that is not of it before anything is written.
//! 2. Add a command that reads, opens the store, and calls [`replay`](fn@replay).

mod file;
mod replay;
mod report;
pub mod servicenow;

pub use file::{Finding, ImportFile};
pub use replay::replay;
pub use servicenow::HELP as SERVICENOW_HELP;
