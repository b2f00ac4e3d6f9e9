//! What a client wants changed about an incident.

use incident_domain::{
    incidents::{HoldReason, Incident, IncidentId, IncidentPatch, Resolution, Status, TransitionRequest},
    kernel::{Note, Patch, UserId},
};

use super::IncidentRef;

/// Changes to an incident: its fields, its status, or both at once.
#[derive(Clone, Debug, Default)]
pub struct IncidentChange {
    /// Its own fields.
    pub patch: IncidentPatch,
    /// The status to go to.
    pub status: Option<Status>,
    /// What it waits for, when it is put on hold.
    pub hold_reason: Option<HoldReason>,
    /// How it ended, when it is resolved or cancelled.
    pub resolution: Option<Resolution>,
    /// The incident that it repeats, when it is cancelled as a duplicate.
    pub duplicate_of: Option<IncidentRef>,
    /// The reason in words.
    pub reason: Option<Note>,
}

impl IncidentChange {
    /// Returns what the audit calls the command.
    pub(super) const fn kind(&self) -> &'static str {
        if self.status.is_some() { "incident.transition" } else { "incident.update" }
    }

    /// Returns the transition that is wanted of an incident; `None` if it is in that status already. The domain refuses
    /// what goes only with a transition if there is none.
    pub(super) fn step_from(&self, incident: &Incident, original: Option<IncidentId>) -> Option<TransitionRequest> {
        let to = self.status.unwrap_or(incident.status);
        let changes_nothing = (self.hold_reason.is_none() || self.hold_reason == incident.hold_reason)
            && (self.resolution.is_none() || self.resolution == incident.resolution)
            && (original.is_none() || original == incident.duplicate_of);
        if to == incident.status && changes_nothing {
            return None;
        }
        Some(TransitionRequest {
            to,
            hold_reason: self.hold_reason,
            resolution: self.resolution.clone(),
            duplicate_of: original,
            reason: self.reason.clone(),
        })
    }

    /// Returns true if it assigns the incident to another user than the caller, or takes it from another user.
    pub(super) fn assigns_other(&self, incident: &Incident, caller: Option<UserId>) -> bool {
        match self.patch.assigned_to {
            Patch::Keep => false,
            Patch::Clear => incident.assigned_to.is_some() && incident.assigned_to != caller,
            Patch::Set(user) => Some(user) != caller && incident.assigned_to != Some(user),
        }
    }
}
