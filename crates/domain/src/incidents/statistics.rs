//! What the numbers about incidents are made of.

use super::{IncidentId, Priority, Status};
use crate::kernel::{Label, Timestamp, UserId};

/// What the numbers need to know of one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentTimes {
    /// Which one.
    pub id: IncidentId,
    /// Where it stands.
    pub status: Status,
    /// How important it is.
    pub priority: Priority,
    /// What is affected.
    pub service: Option<Label>,
    /// Who works on it.
    pub assigned_to: Option<UserId>,
    /// When it was reported.
    pub opened_at: Timestamp,
    /// When it was first taken up.
    pub acknowledged_at: Option<Timestamp>,
    /// When the harm stopped.
    pub mitigated_at: Option<Timestamp>,
    /// When it was resolved, unless it was reopened since.
    pub resolved_at: Option<Timestamp>,
    /// How often it was reopened.
    pub reopen_count: u32,
}

/// A step of an incident's state machine, as its timeline tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusStep {
    /// Which incident.
    pub incident_id: IncidentId,
    /// When.
    pub at: Timestamp,
    /// Where it stood.
    pub from: Status,
    /// Where it went.
    pub to: Status,
}
