//! Importing ServiceNow's event log: what files are refused, what rows mean, and what the command says.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod broken;
mod command;
mod dirty;
mod event_log;
mod meaning;
mod numbers;
mod scene;
