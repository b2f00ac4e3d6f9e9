//! Rules that hold for every command of the crate: a repeated request has one effect, and a refusal is audited.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod at_once;
mod command_cases;
mod failure;
mod keys;
mod no_op;
mod overtaken;
mod process;
mod recording_store;
mod refusal_codes;
mod refusals;
mod replies;
mod sign_ins;
mod turns;
mod world;
