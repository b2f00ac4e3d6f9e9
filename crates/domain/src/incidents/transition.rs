//! The state machine: one table, from which the code, the docs, the API and every refusal come.

use thiserror::Error;

use super::{HoldReason, IncidentId, Resolution, ResolutionCode, Status};
use crate::{identity::Role, kernel::Note};

/// What a transition needs besides its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// A [`HoldReason`].
    HoldReason,
    /// A [`Resolution`] with a code of [`ResolutionCode::RESOLVING`].
    Resolution,
    /// A [`Resolution`] with a code of [`ResolutionCode::CANCELLING`]; `duplicate` also needs the other incident.
    Cancellation,
    /// A reason in words.
    Reason,
}

impl Requirement {
    /// The field of a request that fulfils it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::HoldReason => "hold_reason",
            Self::Resolution | Self::Cancellation => "resolution",
            Self::Reason => "reason",
        }
    }

    /// The codes that fulfil it, where it is one of a closed set.
    pub fn codes(self) -> Vec<&'static str> {
        match self {
            Self::HoldReason => HoldReason::ALL.iter().map(|reason| reason.as_str()).collect(),
            Self::Resolution => ResolutionCode::RESOLVING.iter().map(|code| code.as_str()).collect(),
            Self::Cancellation => ResolutionCode::CANCELLING.iter().map(|code| code.as_str()).collect(),
            Self::Reason => Vec::new(),
        }
    }
}

/// One step of the state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What people call the step.
    pub name: &'static str,
    /// Where it starts.
    pub from: Status,
    /// Where it leads.
    pub to: Status,
    /// What it needs.
    pub requires: Option<Requirement>,
    /// The least role that may take it.
    pub role: Role,
}

const fn step(name: &'static str, from: Status, to: Status, requires: Option<Requirement>, role: Role) -> Transition {
    Transition { name, from, to, requires, role }
}

/// Every step there is; what is not here is refused.
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
/// use incident_domain::{Requirement, TRANSITIONS};
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
    /// The step between two statuses, if there is one.
    pub fn between(from: Status, to: Status) -> Option<&'static Self> {
        Self::from_status(from).find(|transition| transition.to == to)
    }

    /// The steps that start at a status.
    pub fn from_status(from: Status) -> impl Iterator<Item = &'static Self> {
        TRANSITIONS.iter().filter(move |transition| transition.from == from)
    }
}

/// A wish to bring an incident into another status, with what the step may need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransitionRequest {
    /// Where to.
    pub to: Status,
    /// What it waits for, when put on hold.
    pub hold_reason: Option<HoldReason>,
    /// How it ended, when resolved or cancelled.
    pub resolution: Option<Resolution>,
    /// The incident it repeats, when cancelled as a duplicate.
    pub duplicate_of: Option<IncidentId>,
    /// Why, in words: needed to reopen, welcome always. It becomes the timeline entry's message.
    pub reason: Option<Note>,
}

impl TransitionRequest {
    /// A wish that carries nothing but the target.
    pub const fn to(to: Status) -> Self {
        Self { to, hold_reason: None, resolution: None, duplicate_of: None, reason: None }
    }
}

/// Why a transition did not happen.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TransitionError {
    /// There is no such step.
    #[error("an incident cannot go from {from} to {to}")]
    Refused {
        /// Where it stands.
        from: Status,
        /// Where it was to go.
        to: Status,
        /// Where it can go from here.
        allowed: Vec<Status>,
    },
    /// The step needs something that the request lacks.
    #[error("{field} is required to go from {from} to {to}")]
    Missing {
        /// Where it stands.
        from: Status,
        /// Where it was to go.
        to: Status,
        /// The field that is missing.
        field: &'static str,
    },
    /// The request carries something that the step has no use for, or a code that does not fit it.
    #[error("{field} does not fit the step from {from} to {to}")]
    Unfit {
        /// Where it stands.
        from: Status,
        /// Where it was to go.
        to: Status,
        /// The field that does not fit.
        field: &'static str,
    },
    /// An incident cannot repeat itself.
    #[error("an incident cannot be a duplicate of itself")]
    DuplicateOfItself,
}

impl TransitionRequest {
    /// Finds the step and checks what it requires; pure, and the only place that decides.
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
