//! The binary as a stranger runs it: its commands, what they print, and their exit codes.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod api;
mod backup;
mod checked_elsewhere;
mod configuration;
mod export;
mod health;
mod migrate;
mod postgres;
mod program;
mod quickstart;
mod recovery;
mod replicas;
mod restore_drill;
mod seed;
mod serve;
mod set;
mod signing_keys;
mod sqlite;
mod team;
mod traces;
mod upgrade;
mod verify;
