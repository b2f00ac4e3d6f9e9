//! Replaying the log of another system: each incident passes through the domain's own transitions, with the log's own
//! times and people. Nothing here knows the format in which the log was written.
//!
//! An incident with its whole history is **one change set**. A replay can therefore be stopped at any moment, for any
//! reason, and run again: what was stored stays, and the rest follows.
//!
//! Rules by which a log that is less strict than the state machine is replayed truthfully:
//!
//! - Where two logged states are more than one transition apart, the transitions between are made at the same moment by
//!   the same person, and their entries say that they are implied.
//! - Each update leaves at least one entry; one that changes nothing that is kept here is noted as `imported`.
//! - The log says who is assigned. Where acknowledging would assign the person who acknowledges although the log names no
//!   assignee, that assignment is undone at once, with its reason.
//! - What is resolved cannot be resolved again; where a log says so, that is noted as `imported` with the person's name.
//! - A cancelled incident is `out_of_scope`, because logs do not say that it was a false alarm or a duplicate, with the log's
//!   close code, or a remark, as its note. Nothing leads out of that status; later updates leave it, and are reported.
//! - Comments and tasks of a log belong to its updates, whose times they take.
//! - A timeline never runs backwards: an update that claims to be earlier than the one before it takes that one's time,
//!   and is reported.

mod log;
mod outcome;
mod people;
mod ports;
mod rebuild;
mod route;
mod run;
mod tasks;

pub use log::{
    ForeignLog, LoggedFields, LoggedIncident, LoggedTask, LoggedUpdate, People, Person, PersonKey, Standing,
};
pub use outcome::{Adjustment, AdjustmentKind, ReplayEnd, ReplayError, ReplayOutcome, ReplayProgress};
pub use ports::ReplayPorts;
pub use run::Replay;
