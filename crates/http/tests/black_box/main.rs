//! The routes as their clients see them: over HTTP, with the store in memory, plain text in place of
//! cryptography, and parts that fail on demand.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod accounts;
mod api_tokens;
mod docs_page;
mod document;
mod edge;
mod examples;
mod failures;
mod idempotency;
mod limits;
mod logs;
mod scene;
mod stand_ins;
mod staying_signed_in;
