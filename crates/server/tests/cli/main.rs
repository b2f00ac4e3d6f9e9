//! The binary: its commands, their output, and their exit codes.

#![expect(clippy::expect_used, reason = "a failed step fails the test")]

mod api;
mod backup;
mod check_timelines_py;
mod configuration;
mod export;
mod full_disk;
mod health;
mod jobs;
mod migrate;
mod program;
mod quickstart;
mod recovery;
mod replaced_file;
mod replicas;
mod restore_drill;
mod seed;
mod serve;
mod set_flag;
mod signals;
mod signing_keys;
mod sqlite;
mod team;
mod timeline_keys;
mod traces;
mod upgrade;
mod verify;
