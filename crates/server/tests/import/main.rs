//! The import of ServiceNow's event log: refused files, the meaning of rows, and the output of the command.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test without its prerequisites fails")]

mod broken;
mod command;
mod dirty;
mod event_log;
mod formats;
mod meaning;
mod numbers;
mod scene;
