//! The data of statistics.

use super::{EntryDetails, Incident, IncidentId, Priority, Status, TimelineEntry};
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

impl IncidentTimes {
    /// Returns the fields of an incident.
    pub fn of(incident: &Incident) -> Self {
        Self {
            id: incident.id,
            status: incident.status,
            priority: incident.priority,
            service: incident.service.clone(),
            assigned_to: incident.assigned_to,
            opened_at: incident.opened_at,
            acknowledged_at: incident.acknowledged_at,
            mitigated_at: incident.mitigated_at,
            resolved_at: incident.resolved_at,
            reopen_count: incident.reopen_count,
        }
    }
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

impl StatusStep {
    /// Returns the transition that an entry records, if it records one.
    pub const fn of(entry: &TimelineEntry) -> Option<Self> {
        match &entry.details {
            EntryDetails::StatusChanged { from, to, .. } => {
                Some(Self { incident_id: entry.incident_id, at: entry.at, from: *from, to: *to })
            }
            _ => None,
        }
    }
}
