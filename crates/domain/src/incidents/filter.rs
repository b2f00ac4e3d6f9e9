//! The filter of lists of incidents.

use super::{Incident, Priority, SearchText, Status};
use crate::kernel::{Label, LabelKey, LabelValue, TimeRange, UserId};

/// The conditions of a list of incidents. All of them must hold; of several values of one condition, any one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentFilter {
    /// Any of these statuses; every status if empty.
    pub statuses: Vec<Status>,
    /// Any of these priorities; every priority if empty.
    pub priorities: Vec<Priority>,
    /// The assignee.
    pub assigned_to: Option<UserId>,
    /// The user who reported it.
    pub reported_by: Option<UserId>,
    /// The affected service.
    pub service: Option<Label>,
    /// The category.
    pub category: Option<Label>,
    /// Labels, all of which the incident has.
    pub labels: Vec<(LabelKey, LabelValue)>,
    /// The range of the time it was opened.
    pub opened: TimeRange,
    /// The range of the time of its last change.
    pub updated: TimeRange,
    /// The range of the time it was resolved.
    pub resolved: TimeRange,
    /// Words that [`SearchText`] finds in the title and description or in one comment.
    pub text: Option<SearchText>,
    /// The texts to search for these words.
    pub search_scope: SearchScope,
}

/// The texts to search for words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchScope {
    /// The most recent texts: a store may skip older ones when very many texts have the words.
    #[default]
    Recent,
    /// All texts.
    All,
}

impl IncidentFilter {
    /// Returns true if an incident fulfils every condition but `text`, which also covers comments. A store's query must
    /// return the same incidents.
    pub fn matches(&self, incident: &Incident) -> bool {
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
