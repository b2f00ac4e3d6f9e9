//! The API as a stranger sees it: a real server on a free port, a fresh database for each test, and nothing
//! but HTTP spoken. Runs on SQLite; with `TEST_STORE=postgres` and `TEST_POSTGRES_URL` on PostgreSQL.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod bad_input;
mod concurrency;
mod conditions;
mod health;
mod late_database;
mod lifecycle;
mod lists;
mod sign_in;
mod support;
mod timeline;
