//! Black-box tests of the API: a real server on a free port, a new database for each test, and only HTTP.
//!
//! Runs on SQLite, and with `TEST_STORE=postgres` and `TEST_POSTGRES_URL` on PostgreSQL.

#![expect(clippy::expect_used, reason = "a test without its prerequisites fails")]

mod api_tokens;
mod audit;
mod bad_input;
mod bulk;
mod categories;
mod concurrency;
mod conditions;
mod events;
mod exports;
mod forged_tokens;
mod health;
mod idempotency;
mod late_database;
mod lifecycle;
mod lists;
mod matrix;
mod metrics;
mod numbers;
mod orders;
mod passwords;
mod refresh;
mod search;
mod secrets;
mod sessions;
mod sign_in;
mod support;
mod task_lists;
mod tasks;
mod throttle;
mod timeline;
mod timeouts;
mod typed_client;
mod users;
mod verify;
mod views;
