//! A campaign: clients work on incidents while things go wrong, and afterwards everything that was acknowledged is
//! there exactly once.
//!
//! Each command has a key of its own, and a mark by which its effects are found again: in the incident, in its
//! timeline, in the event log, and as request id in the audit. Each incident has a mark too: its `service`. A client
//! sends a command again, with the same key, until it is answered. What was sent and what was acknowledged is in the
//! [`Ledger`]; [`Sight`] reads what the server shows; [`judge()`] compares the two.

mod client;
mod deeds;
mod event_log;
mod findings;
mod judge;
mod ledger;
mod line;
mod sight;
mod tally;
mod team;

pub(crate) use client::ANSWER_TIME_MAX;
pub(crate) use findings::{Finding, Findings, Property};
pub(crate) use judge::judge;
pub(crate) use ledger::{Deed, Ledger, Place};
pub(crate) use line::Line;
pub(crate) use sight::Sight;
pub(crate) use tally::Broken;
pub(crate) use team::{Team, TeamOptions};
