//! The data of statistics.

use super::{IncidentId, Priority, Status};
use crate::kernel::{Label, Timestamp, UserId};

/// The fields of an incident that statistics use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncidentTimes {
    /// The identifier.
    pub id: IncidentId,
    /// The status.
    pub status: Status,
    /// The priority.
    pub priority: Priority,
    /// The affected service.
    pub service: Option<Label>,
    /// The assignee.
    pub assigned_to: Option<UserId>,
    /// The time of the report.
    pub opened_at: Timestamp,
    /// The time of the first acknowledgement.
    pub acknowledged_at: Option<Timestamp>,
    /// The time of the mitigation.
    pub mitigated_at: Option<Timestamp>,
    /// The time of the resolution; none after it was reopened.
    pub resolved_at: Option<Timestamp>,
    /// The number of times it was reopened.
    pub reopen_count: u32,
}

/// A transition in the timeline of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusStep {
    /// The incident.
    pub incident_id: IncidentId,
    /// The time.
    pub at: Timestamp,
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
}
