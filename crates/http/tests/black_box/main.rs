//! Tests of the routes over HTTP, with the store in memory, plain text instead of cryptography, and dependencies that
//! fail on demand.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod accounts;
mod api_tokens;
mod connections;
mod docs_page;
mod document;
mod examples;
mod failures;
mod idempotency;
mod jobs;
mod limits;
mod logs;
mod middleware;
mod scene;
mod sessions;
mod stand_ins;
