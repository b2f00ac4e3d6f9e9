//! Every command of the crate, whatever it is about: done once however often it is sent, and written down when it is
//! refused.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod at_once;
mod failure;
mod keys;
mod nothing_new;
mod overtaken;
mod process;
mod refusal_codes;
mod refusals;
mod replies;
mod sign_ins;
mod turns;
mod watched;
mod what;
mod world;
