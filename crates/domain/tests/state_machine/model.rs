//! A model of the state machine that does not use the code under test.

use incident_domain::{
    incidents::{HoldReason, Incident, IncidentId, Resolution, Status, TransitionError, TransitionRequest},
    kernel::{Actor, Timestamp, UserId},
};

use crate::scene::{incident_id, minute_of_day};

/// The requirements of all transitions: a row for each current status, a column for each requested one. It is_duplicate the
/// table of the code on purpose.
const TABLE: &str = "
    from           open  investigating  on_hold  mitigated  resolved    closed  cancelled
    open           -     nothing        -        -          -           -       cancellation
    investigating  -     -              hold     nothing    resolution  -       cancellation
    on_hold        -     nothing        hold     nothing    resolution  -       cancellation
    mitigated      -     nothing        hold     -          resolution  -       -
    resolved       -     reason         -        -          -           nothing -
    closed         -     reason         -        -          -           -       -
    cancelled      -     -              -        -          -           -       -
";

const RESOLVING: [&str; 5] = ["fixed", "workaround", "not_reproducible", "self_recovered", "other"];
const CANCELLING: [&str; 3] = ["duplicate", "false_alarm", "out_of_scope"];

/// Returns the requirement of a transition by its word in the table; `None` if there is no transition.
pub(crate) fn need(from: Status, to: Status) -> Option<&'static str> {
    let mut lines = TABLE.lines().filter(|line| !line.trim().is_empty());
    let column = lines.next()?.split_whitespace().position(|name| name == to.as_str())?;
    let mut row = lines.find(|line| line.split_whitespace().next() == Some(from.as_str()))?.split_whitespace();
    row.nth(column).filter(|word| *word != "-")
}

fn allowed(from: Status) -> Vec<Status> {
    Status::ALL.iter().copied().filter(|to| need(from, *to).is_some()).collect()
}

/// Returns all faults of a request; the code may report any of them.
pub(crate) fn faults(from: Status, request: &TransitionRequest) -> Vec<TransitionError> {
    let to = request.to;
    let Some(need) = need(from, to) else {
        return vec![TransitionError::Refused { from, to, allowed: allowed(from) }];
    };
    let missing = |field| TransitionError::Missing { from, to, field };
    let unfit = |field| TransitionError::Unfit { from, to, field };
    let code = request.resolution.as_ref().map(|resolution| resolution.code.as_str());
    let mut faults = Vec::new();
    match request.hold_reason {
        None if need == "hold" => faults.push(missing("hold_reason")),
        Some(_) if need != "hold" => faults.push(unfit("hold_reason")),
        _ => {}
    }
    match (need, code) {
        ("resolution" | "cancellation", None) => faults.push(missing("resolution")),
        ("resolution", Some(code)) if RESOLVING.contains(&code) => {}
        ("cancellation", Some(code)) if CANCELLING.contains(&code) => {}
        (_, Some(_)) => faults.push(unfit("resolution")),
        (_, None) => {}
    }
    let is_duplicate = need == "cancellation" && code == Some("duplicate");
    match request.duplicate_of {
        None if is_duplicate => faults.push(missing("duplicate_of")),
        Some(_) if !is_duplicate => faults.push(unfit("duplicate_of")),
        Some(other) if other == incident_id() => faults.push(TransitionError::DuplicateOfItself),
        _ => {}
    }
    if need == "reason" && request.reason.is_none() {
        faults.push(missing("reason"));
    }
    faults
}

/// The fields of an incident that transitions change.
#[derive(Debug, PartialEq)]
pub(crate) struct Model {
    pub(crate) status: Status,
    hold_reason: Option<HoldReason>,
    resolution: Option<Resolution>,
    duplicate_of: Option<IncidentId>,
    assigned_to: Option<UserId>,
    acknowledged_at: Option<Timestamp>,
    mitigated_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    updated_at: Timestamp,
    reopen_count: u32,
    reassignment_count: u32,
    version: u32,
    pub(crate) timeline_length: u32,
}

impl Model {
    pub(crate) fn opened() -> Self {
        Self {
            status: Status::Open,
            hold_reason: None,
            resolution: None,
            duplicate_of: None,
            assigned_to: None,
            acknowledged_at: None,
            mitigated_at: None,
            resolved_at: None,
            closed_at: None,
            updated_at: minute_of_day(0),
            reopen_count: 0,
            reassignment_count: 0,
            version: 1,
            timeline_length: 1,
        }
    }

    pub(crate) fn of(incident: &Incident) -> Self {
        Self {
            status: incident.status,
            hold_reason: incident.hold_reason,
            resolution: incident.resolution.clone(),
            duplicate_of: incident.duplicate_of,
            assigned_to: incident.assigned_to,
            acknowledged_at: incident.acknowledged_at,
            mitigated_at: incident.mitigated_at,
            resolved_at: incident.resolved_at,
            closed_at: incident.closed_at,
            updated_at: incident.updated_at,
            reopen_count: incident.reopen_count,
            reassignment_count: incident.reassignment_count,
            version: incident.version.get(),
            timeline_length: incident.timeline_length,
        }
    }

    pub(crate) fn step(&mut self, request: &TransitionRequest, actor: &Actor, at: Timestamp) {
        let (from, to) = (self.status, request.to);
        let acknowledges = from == Status::Open && to == Status::Investigating;
        let reopens = matches!(from, Status::Resolved | Status::Closed) && to == Status::Investigating;
        if acknowledges {
            self.acknowledged_at = Some(at);
        }
        if reopens {
            (self.resolved_at, self.closed_at, self.resolution) = (None, None, None);
            self.reopen_count += 1;
        }
        if from == Status::Mitigated && to == Status::Investigating {
            self.mitigated_at = None;
        }
        if to == Status::Mitigated {
            self.mitigated_at = Some(at);
        }
        if to == Status::Resolved {
            self.resolved_at = Some(at);
        }
        if matches!(to, Status::Closed | Status::Cancelled) {
            self.closed_at = Some(at);
        }
        if matches!(to, Status::Resolved | Status::Cancelled) {
            self.resolution.clone_from(&request.resolution);
            self.duplicate_of = request.duplicate_of;
        }
        self.hold_reason = if to == Status::OnHold { request.hold_reason } else { None };
        self.status = to;
        self.updated_at = at;
        self.version += 1;
        self.timeline_length += 1;
        if let (true, None, Actor::User(user)) = (acknowledges, self.assigned_to, actor) {
            self.assigned_to = Some(*user);
            self.timeline_length += 1;
        }
    }

    pub(crate) fn assign(&mut self, to: Option<UserId>, at: Timestamp) {
        if self.assigned_to == to {
            return;
        }
        if self.assigned_to.is_some() && to.is_some() {
            self.reassignment_count += 1;
        }
        self.assigned_to = to;
        self.updated_at = at;
        self.version += 1;
        self.timeline_length += 1;
    }
}
