//! Looking after timelines: checking all of them, sealing old ends, and taking them elsewhere.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod example;
mod export;
mod keys;
mod odd;
mod scene;
mod sealing;
mod verify;
