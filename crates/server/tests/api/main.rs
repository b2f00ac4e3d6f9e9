//! Black-box tests of the API: a real server on a free port, a new database for each test, and only HTTP.
//!
//! Runs on SQLite, and with `TEST_STORE=postgres` and `TEST_POSTGRES_URL` on PostgreSQL.

#![expect(clippy::expect_used, reason = "a test without its prerequisites fails")]

mod audit;
mod events;
mod forged_tokens;
mod idempotency;
mod matrix;
mod metrics;
mod support;
mod typed_client;

automod::dir!("tests/api");
