//! Transitions that change more than the status.

use incident_domain::{
    incidents::{
        HoldReason, Incident, IncidentId, Resolution, ResolutionCode, Status, TransitionError, TransitionRequest,
    },
    kernel::{Actor, ExternalName},
};
use uuid::Uuid;

use crate::{
    full, hold,
    scene::{Scene, incident_id, minute_of_day, note, user, user_id},
};

fn transitioned(incident: &Incident, request: &TransitionRequest, actor: &Actor, minute: u32) -> Incident {
    incident.clone().revise().transition(request, &Scene::new().stamp(actor, minute)).unwrap().incident().clone()
}

fn acknowledged() -> Incident {
    transitioned(&Scene::new().incident(), &TransitionRequest::to(Status::Investigating), &user(1), 1)
}

fn with_code(to: Status, code: ResolutionCode) -> TransitionRequest {
    TransitionRequest { resolution: Some(Resolution { code, note: None }), ..TransitionRequest::to(to) }
}

#[test]
fn acknowledging_assigns_a_user_only_if_the_incident_has_no_assignee() {
    let acknowledge = TransitionRequest::to(Status::Investigating);
    assert_eq!(acknowledged().assigned_to, Some(user_id(1)));
    assert_eq!(acknowledged().reassignment_count, 0);
    assert_eq!(transitioned(&full(), &acknowledge, &user(2), 1).assigned_to, Some(user_id(1)));
    for actor in [Actor::System, Actor::Integration(ExternalName::parse("monitor").unwrap())] {
        let incident = transitioned(&Scene::new().incident(), &acknowledge, &actor, 1);
        assert_eq!((incident.assigned_to, incident.acknowledged_at), (None, Some(minute_of_day(1))), "{actor:?}");
    }
}

#[test]
fn resuming_keeps_the_incident_unassigned() {
    let held = transitioned(&acknowledged(), &hold(HoldReason::AwaitingUser), &user(1), 2);
    let unassigned = held.revise().assign(None, &Scene::new().stamp(&user(1), 3)).incident().clone();
    let resumed = transitioned(&unassigned, &TransitionRequest::to(Status::Investigating), &user(1), 4);
    assert_eq!((resumed.assigned_to, resumed.acknowledged_at), (None, Some(minute_of_day(1))));
}

#[test]
fn an_incident_on_hold_can_change_its_hold_reason() {
    let held = transitioned(&acknowledged(), &hold(HoldReason::AwaitingUser), &user(1), 2);
    let waiting = transitioned(&held, &hold(HoldReason::AwaitingVendor), &user(1), 3);
    assert_eq!((waiting.status, waiting.hold_reason), (Status::OnHold, Some(HoldReason::AwaitingVendor)));
    let resumed = transitioned(&waiting, &TransitionRequest::to(Status::Investigating), &user(1), 4);
    assert_eq!(resumed.hold_reason, None);
}

#[test]
fn reopening_keeps_the_first_acknowledgement_and_clears_the_resolution() {
    let resolved = transitioned(&acknowledged(), &with_code(Status::Resolved, ResolutionCode::Fixed), &user(1), 2);
    let closed = transitioned(&resolved, &TransitionRequest::to(Status::Closed), &user(1), 3);
    assert_eq!((closed.resolved_at, closed.closed_at), (Some(minute_of_day(2)), Some(minute_of_day(3))));
    let reopen = TransitionRequest { reason: Some(note("again")), ..TransitionRequest::to(Status::Investigating) };
    let reopened = transitioned(&closed, &reopen, &user(2), 4);
    assert_eq!(reopened.acknowledged_at, Some(minute_of_day(1)));
    assert_eq!((reopened.resolved_at, reopened.closed_at, &reopened.resolution), (None, None, &None));
    assert_eq!((reopened.reopen_count, reopened.assigned_to), (1, Some(user_id(1))));
}

#[test]
fn an_incident_cannot_be_a_duplicate_of_itself() {
    let refused = |duplicate_of| {
        let request = TransitionRequest { duplicate_of, ..with_code(Status::Cancelled, ResolutionCode::Duplicate) };
        let scene = Scene::new();
        scene.incident().revise().transition(&request, &scene.stamp(&user(1), 1)).err()
    };
    let missing = TransitionError::Missing { from: Status::Open, to: Status::Cancelled, field: "duplicate_of" };
    assert_eq!(refused(Some(incident_id())), Some(TransitionError::DuplicateOfItself));
    assert_eq!(refused(None), Some(missing));
    assert_eq!(refused(Some(IncidentId::new(Uuid::from_u128(9)))), None);
}

#[test]
fn a_field_that_does_not_fit_the_transition_is_refused_by_name() {
    let other = Some(IncidentId::new(Uuid::from_u128(9)));
    let mitigate = TransitionRequest::to(Status::Mitigated);
    let fixed = with_code(Status::Mitigated, ResolutionCode::Fixed);
    let false_alarm = with_code(Status::Resolved, ResolutionCode::FalseAlarm);
    let resolve = with_code(Status::Resolved, ResolutionCode::Fixed);
    for (request, unfit) in [
        (TransitionRequest { hold_reason: Some(HoldReason::AwaitingUser), ..mitigate.clone() }, "hold_reason"),
        (TransitionRequest { duplicate_of: other, ..mitigate }, "duplicate_of"),
        (fixed, "resolution"),
        (false_alarm, "resolution"),
        (TransitionRequest { duplicate_of: other, ..resolve }, "duplicate_of"),
        (with_code(Status::Cancelled, ResolutionCode::Fixed), "resolution"),
    ] {
        let refused = acknowledged().revise().transition(&request, &Scene::new().stamp(&user(1), 1)).err();
        let expected = TransitionError::Unfit { from: Status::Investigating, to: request.to, field: unfit };
        assert_eq!(refused, Some(expected), "{request:?}");
    }
}

#[test]
fn every_transition_accepts_a_reason() {
    let scene = Scene::new();
    let request = TransitionRequest { reason: Some(note("mine")), ..TransitionRequest::to(Status::Investigating) };
    let revision = scene.incident().revise().transition(&request, &scene.stamp(&user(1), 1)).unwrap();
    assert_eq!(revision.entries()[0].message, Some(note("mine")));
    assert_eq!(revision.entries()[1].message, None);
}
