//! Maintenance of timelines: verifying all of them, sealing old ends, and exporting them.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod example;
mod export;
mod faulty_store;
mod keys;
mod scene;
mod sealing;
mod verify;
