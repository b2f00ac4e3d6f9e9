//! Signing in, staying signed in, and managing who may: the use cases over the store in memory, with a hasher
//! and tokens that tests can see through.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod accounts;
mod api_tokens;
mod authorisation;
mod doubles;
mod passwords;
mod published;
mod recognition;
mod recovery;
mod refresh;
mod scene;
mod sessions;
mod sign_in;
mod throttle;
