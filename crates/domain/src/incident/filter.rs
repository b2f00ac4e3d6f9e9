//! Which incidents a list is to show.

use crate::{Label, Priority, Status, UserId};

/// Every given condition must hold; of several values of one condition any will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentFilter {
    /// Any of these statuses; all when empty.
    pub statuses: Vec<Status>,
    /// Any of these priorities; all when empty.
    pub priorities: Vec<Priority>,
    /// Assigned to this user.
    pub assigned_to: Option<UserId>,
    /// Reported by this user.
    pub reported_by: Option<UserId>,
    /// Of this service.
    pub service: Option<Label>,
    /// Of this category.
    pub category: Option<Label>,
}

impl IncidentFilter {
    /// Whether an incident fulfils every condition: what an adapter's query must mean.
    pub fn matches(&self, incident: &crate::Incident) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&incident.status))
            && (self.priorities.is_empty() || self.priorities.contains(&incident.priority))
            && self.assigned_to.is_none_or(|user| incident.assigned_to == Some(user))
            && self.reported_by.is_none_or(|user| incident.reported_by == Some(user))
            && self.service.as_ref().is_none_or(|service| incident.service.as_ref() == Some(service))
            && self.category.as_ref().is_none_or(|category| incident.category.as_ref() == Some(category))
    }
}
