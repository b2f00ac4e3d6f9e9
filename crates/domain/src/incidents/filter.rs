//! Which incidents a list is to show.

use super::{Priority, SearchText, Status};
use crate::kernel::{Label, LabelKey, LabelValue, TimeRange, UserId};

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
    /// With all of these labels.
    pub labels: Vec<(LabelKey, LabelValue)>,
    /// Reported in this span.
    pub opened: TimeRange,
    /// Last changed in this span.
    pub updated: TimeRange,
    /// Resolved in this span.
    pub resolved: TimeRange,
    /// Found by these words, as [`SearchText`] says, in the title and description or in one of the comments.
    pub text: Option<SearchText>,
    /// Which texts are searched for these words.
    pub search_scope: SearchScope,
}

/// Which texts are searched for words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchScope {
    /// A store may search only the most recent of the texts that have the words, when very many have them.
    #[default]
    Recent,
    /// Every text, however many have the words.
    All,
}

impl IncidentFilter {
    /// Whether an incident fulfils every condition but `text`, for which the comments are needed too: what an
    /// adapter's query must mean.
    pub fn matches(&self, incident: &crate::incidents::Incident) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&incident.status))
            && (self.priorities.is_empty() || self.priorities.contains(&incident.priority))
            && self.assigned_to.is_none_or(|user| incident.assigned_to == Some(user))
            && self.reported_by.is_none_or(|user| incident.reported_by == Some(user))
            && self.service.as_ref().is_none_or(|service| incident.service.as_ref() == Some(service))
            && self.category.as_ref().is_none_or(|category| incident.category.as_ref() == Some(category))
            && self.labels.iter().all(|(key, value)| incident.labels.get(key) == Some(value))
            && self.opened.contains(Some(incident.opened_at))
            && self.updated.contains(Some(incident.updated_at))
            && self.resolved.contains(incident.resolved_at)
    }
}
