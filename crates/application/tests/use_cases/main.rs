//! The use cases over the in-memory store: required roles, and the events and actions of changes.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod assigning;
mod authorisation;
mod cached_reports;
mod daily;
mod logs;
mod principals;
mod published;

mod rows;
mod scene;
mod store_failures;
mod verifying;
