//! The use cases over the store in memory: who may do what, and what a change leaves behind.

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
