//! Sign-in, sessions, API tokens and accounts: the use cases over the in-memory store, with a hasher and tokens whose
//! contents tests can read.

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
