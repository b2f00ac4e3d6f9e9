//! Changes to the fields of an incident.

use super::{Impact, Labels, Priority, Urgency};
use crate::kernel::{Description, Label, Patch, Title, UserId};

/// Changes to the fields of an incident. Its status changes only by
/// [`Revision::transition`](crate::incidents::Revision::transition).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentPatch {
    /// The new title.
    pub title: Option<Title>,
    /// The new description, or none.
    pub description: Patch<Description>,
    /// The new priority. Without it, a new impact or urgency sets the priority by the matrix.
    pub priority: Option<Priority>,
    /// The new impact, or none.
    pub impact: Patch<Impact>,
    /// The new urgency, or none.
    pub urgency: Patch<Urgency>,
    /// The new affected service, or none.
    pub service: Patch<Label>,
    /// The new category, or none.
    pub category: Patch<Label>,
    /// The new set of labels.
    pub labels: Option<Labels>,
    /// The new assignee, or none.
    pub assigned_to: Patch<UserId>,
}
