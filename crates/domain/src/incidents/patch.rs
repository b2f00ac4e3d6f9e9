//! What a client wants changed, field by field.

use super::{Impact, Labels, Priority, Urgency};
use crate::kernel::{Description, Label, Patch, Title, UserId};

/// Changes to an incident's own fields; its status changes by
/// [`Revision::transition`](crate::incidents::Revision::transition) only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncidentPatch {
    /// A new title.
    pub title: Option<Title>,
    /// A new description, or none.
    pub description: Patch<Description>,
    /// A new priority. Without it, new `impact` or `urgency` set the priority by the matrix.
    pub priority: Option<Priority>,
    /// A new impact, or none.
    pub impact: Patch<Impact>,
    /// A new urgency, or none.
    pub urgency: Patch<Urgency>,
    /// Another affected service, or none.
    pub service: Patch<Label>,
    /// Another category, or none.
    pub category: Patch<Label>,
    /// All labels anew.
    pub labels: Option<Labels>,
    /// Another assignee, or nobody.
    pub assigned_to: Patch<UserId>,
}
