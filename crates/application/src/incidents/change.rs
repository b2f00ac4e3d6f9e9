//! What a client wants changed, before it is known whether it may be.

use incident_domain::{
    HoldReason, Incident, IncidentId, IncidentPatch, Note, Patch, Resolution, Status, TransitionRequest, UserId,
};

use super::IncidentRef;

/// Changes to an incident: its fields, its status, or both at once.
#[derive(Clone, Debug, Default)]
pub struct IncidentChange {
    /// Its own fields.
    pub patch: IncidentPatch,
    /// Where it is to go.
    pub status: Option<Status>,
    /// What it waits for.
    pub hold_reason: Option<HoldReason>,
    /// How it ended.
    pub resolution: Option<Resolution>,
    /// The incident it repeats.
    pub duplicate_of: Option<IncidentRef>,
    /// Why, in words.
    pub reason: Option<Note>,
}

impl IncidentChange {
    /// The step of the state machine that this asks for, seen from where the incident stands; `None`
    /// when it is there already. What only goes with a step is refused without one by the domain.
    pub(super) fn step_from(&self, incident: &Incident, original: Option<IncidentId>) -> Option<TransitionRequest> {
        let to = self.status.unwrap_or(incident.status);
        let says_nothing_new = (self.hold_reason.is_none() || self.hold_reason == incident.hold_reason)
            && (self.resolution.is_none() || self.resolution == incident.resolution)
            && (original.is_none() || original == incident.duplicate_of);
        if to == incident.status && says_nothing_new {
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

    /// Whether it gives the incident to somebody else than the caller, or takes it from somebody else.
    pub(super) fn assigns_other(&self, incident: &Incident, caller: UserId) -> bool {
        match self.patch.assigned_to {
            Patch::Keep => false,
            Patch::Clear => incident.assigned_to.is_some_and(|user| user != caller),
            Patch::Set(user) => user != caller && incident.assigned_to != Some(user),
        }
    }
}
