//! The laws of the architecture, as tests: read from `cargo metadata` and the sources.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod contexts;
mod dependencies;
mod files;
mod modules;
mod sources;
