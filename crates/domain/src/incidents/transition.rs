//! The state machine of incidents: one table, from which the code, the docs, the API and every refusal derive.

use thiserror::Error;

use super::{HoldReason, IncidentId, Resolution, ResolutionCode, Status};
use crate::{identity::Role, kernel::Note};

/// A field that a transition requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// A [`HoldReason`].
    HoldReason,
    /// A [`Resolution`] with a code of [`ResolutionCode::RESOLVING`].
    Resolution,
    /// A [`Resolution`] with a code of [`ResolutionCode::CANCELLING`]; `duplicate` also needs the other incident.
    Cancellation,
    /// A reason as text.
    Reason,
}

impl Requirement {
    /// Returns the field of a request that meets the requirement.
    pub const fn field(self) -> &'static str {
        match self {
            Self::HoldReason => "hold_reason",
            Self::Resolution | Self::Cancellation => "resolution",
            Self::Reason => "reason",
        }
    }

    /// Returns the codes that meet the requirement; empty for a text.
    pub fn codes(self) -> Vec<&'static str> {
        match self {
            Self::HoldReason => HoldReason::ALL.iter().map(|reason| reason.as_str()).collect(),
            Self::Resolution => ResolutionCode::RESOLVING.iter().map(|code| code.as_str()).collect(),
            Self::Cancellation => ResolutionCode::CANCELLING.iter().map(|code| code.as_str()).collect(),
            Self::Reason => Vec::new(),
        }
    }
}

/// A transition of the state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The name shown to people.
    pub name: &'static str,
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
    /// The requirement.
    pub requires: Option<Requirement>,
    /// The lowest role that may do it.
    pub role: Role,
}

const fn step(name: &'static str, from: Status, to: Status, requires: Option<Requirement>, role: Role) -> Transition {
    Transition { name, from, to, requires, role }
}

/// All transitions; any other is refused.
///
/// | from | to | step | requires | least role |
/// |---|---|---|---|---|
/// | open | investigating | acknowledge | | responder |
/// | open | cancelled | cancel | cancellation | responder |
/// | investigating | on_hold | hold | hold_reason | responder |
/// | investigating | mitigated | mitigate | | responder |
/// | investigating | resolved | resolve | resolution | responder |
/// | investigating | cancelled | cancel | cancellation | responder |
/// | on_hold | investigating | resume | | responder |
/// | on_hold | on_hold | hold | hold_reason | responder |
/// | on_hold | mitigated | mitigate | | responder |
/// | on_hold | resolved | resolve | resolution | responder |
/// | on_hold | cancelled | cancel | cancellation | responder |
/// | mitigated | investigating | regress | | responder |
/// | mitigated | on_hold | hold | hold_reason | responder |
/// | mitigated | resolved | resolve | resolution | responder |
/// | resolved | investigating | reopen | reason | responder |
/// | resolved | closed | close | | manager |
/// | closed | investigating | reopen | reason | manager |
///
/// The table above is this constant, row for row:
///
/// ```
/// use incident_domain::incidents::{Requirement, TRANSITIONS};
///
/// let source = include_str!("transition.rs");
/// let documented = source.lines().filter_map(|line| line.strip_prefix("/// | ")).skip(1);
/// let rows: Vec<&str> = documented.filter(|row| !row.starts_with("from ")).collect();
/// let table: Vec<String> = TRANSITIONS.iter().map(|transition| {
///     let requires = match transition.requires {
///         None => "",
///         Some(Requirement::Cancellation) => "cancellation ",
///         Some(requirement) => &format!("{} ", requirement.field()),
///     };
///     format!("{} | {} | {} | {requires}| {} |", transition.from, transition.to, transition.name, transition.role)
/// }).collect();
/// assert_eq!(rows, table);
/// ```
pub const TRANSITIONS: &[Transition] = {
    use Requirement::{Cancellation, HoldReason, Reason, Resolution};
    use Role::{Manager, Responder};
    use Status::{Cancelled, Closed, Investigating, Mitigated, OnHold, Open, Resolved};
    &[
        step("acknowledge", Open, Investigating, None, Responder),
        step("cancel", Open, Cancelled, Some(Cancellation), Responder),
        step("hold", Investigating, OnHold, Some(HoldReason), Responder),
        step("mitigate", Investigating, Mitigated, None, Responder),
        step("resolve", Investigating, Resolved, Some(Resolution), Responder),
        step("cancel", Investigating, Cancelled, Some(Cancellation), Responder),
        step("resume", OnHold, Investigating, None, Responder),
        step("hold", OnHold, OnHold, Some(HoldReason), Responder),
        step("mitigate", OnHold, Mitigated, None, Responder),
        step("resolve", OnHold, Resolved, Some(Resolution), Responder),
        step("cancel", OnHold, Cancelled, Some(Cancellation), Responder),
        step("regress", Mitigated, Investigating, None, Responder),
        step("hold", Mitigated, OnHold, Some(HoldReason), Responder),
        step("resolve", Mitigated, Resolved, Some(Resolution), Responder),
        step("reopen", Resolved, Investigating, Some(Reason), Responder),
        step("close", Resolved, Closed, None, Manager),
        step("reopen", Closed, Investigating, Some(Reason), Manager),
    ]
};

impl Transition {
    /// Returns the transition between two statuses.
    pub fn between(from: Status, to: Status) -> Option<&'static Self> {
        Self::from_status(from).find(|transition| transition.to == to)
    }

    /// Returns the transitions from a status.
    pub fn from_status(from: Status) -> impl Iterator<Item = &'static Self> {
        TRANSITIONS.iter().filter(move |transition| transition.from == from)
    }
}

/// A request to change an incident's status, with the fields that the transition may require.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitionRequest {
    /// The requested status.
    pub to: Status,
    /// The reason for the hold, to put it on hold.
    pub hold_reason: Option<HoldReason>,
    /// The resolution, to resolve or cancel it.
    pub resolution: Option<Resolution>,
    /// The incident that it duplicates, to cancel it as a duplicate.
    pub duplicate_of: Option<IncidentId>,
    /// The reason as text: required to reopen, optional otherwise. It becomes the message of the timeline entry.
    pub reason: Option<Note>,
}

impl TransitionRequest {
    /// Makes a request with only the status.
    pub const fn to(to: Status) -> Self {
        Self { to, hold_reason: None, resolution: None, duplicate_of: None, reason: None }
    }

    /// Returns the transition after checking what it requires; the only place that decides.
    pub(crate) fn check(&self, id: IncidentId, from: Status) -> Result<&'static Transition, TransitionError> {
        let to = self.to;
        let Some(transition) = Transition::between(from, to) else {
            let allowed = Transition::from_status(from).map(|transition| transition.to).collect();
            return Err(TransitionError::Refused { from, to, allowed });
        };
        let missing = |field| TransitionError::Missing { from, to, field };
        let unfit = |field| TransitionError::Unfit { from, to, field };

        let requires = |requirement| transition.requires == Some(requirement);
        match (requires(Requirement::HoldReason), self.hold_reason) {
            (true, None) => return Err(missing("hold_reason")),
            (false, Some(_)) => return Err(unfit("hold_reason")),
            (true, Some(_)) | (false, None) => {}
        }
        let codes = match transition.requires {
            Some(Requirement::Resolution) => ResolutionCode::RESOLVING,
            Some(Requirement::Cancellation) => ResolutionCode::CANCELLING,
            Some(Requirement::HoldReason | Requirement::Reason) | None => &[],
        };
        match &self.resolution {
            None if !codes.is_empty() => return Err(missing("resolution")),
            Some(resolution) if !codes.contains(&resolution.code) => return Err(unfit("resolution")),
            None | Some(_) => {}
        }
        let is_duplicate =
            self.resolution.as_ref().is_some_and(|resolution| resolution.code == ResolutionCode::Duplicate);
        match self.duplicate_of {
            None if is_duplicate => return Err(missing("duplicate_of")),
            Some(_) if !is_duplicate => return Err(unfit("duplicate_of")),
            Some(other) if other == id => return Err(TransitionError::DuplicateOfItself),
            None | Some(_) => {}
        }
        if requires(Requirement::Reason) && self.reason.is_none() {
            return Err(missing("reason"));
        }
        Ok(transition)
    }
}

/// The reason why a transition is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransitionError {
    /// There is no such transition.
    #[error("an incident cannot go from {from} to {to}")]
    Refused {
        /// The current status.
        from: Status,
        /// The requested status.
        to: Status,
        /// The statuses that can follow the current one.
        allowed: Vec<Status>,
    },
    /// The request lacks a required field.
    #[error("{field} is required to go from {from} to {to}")]
    Missing {
        /// The current status.
        from: Status,
        /// The requested status.
        to: Status,
        /// The missing field.
        field: &'static str,
    },
    /// The request has a field that the transition does not use, or a code that does not fit it.
    #[error("{field} does not fit the step from {from} to {to}")]
    Unfit {
        /// The current status.
        from: Status,
        /// The requested status.
        to: Status,
        /// The field that does not fit.
        field: &'static str,
    },
    /// The incident is a duplicate of itself.
    #[error("an incident cannot be a duplicate of itself")]
    DuplicateOfItself,
}
