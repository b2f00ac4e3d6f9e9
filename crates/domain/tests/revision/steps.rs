//! Steps of the state machine, where they do more than change the status.

use incident_domain::{
    Actor, ExternalName, HoldReason, Incident, IncidentId, Resolution, ResolutionCode, Status, TransitionError,
    TransitionRequest,
};
use uuid::Uuid;

use crate::{
    full, hold,
    scene::{Scene, incident_id, minute_of_day, note, user, user_id},
};

fn moved(incident: &Incident, request: &TransitionRequest, actor: &Actor, minute: u32) -> Incident {
    incident.clone().revise().transition(request, &Scene::new().stamp(actor, minute)).unwrap().incident().clone()
}

fn acknowledged() -> Incident {
    moved(&Scene::new().incident(), &TransitionRequest::to(Status::Investigating), &user(1), 1)
}

fn ended(to: Status, code: ResolutionCode) -> TransitionRequest {
    TransitionRequest { resolution: Some(Resolution { code, note: None }), ..TransitionRequest::to(to) }
}

#[test]
fn acknowledging_assigns_the_actor_only_if_nobody_is_assigned() {
    let acknowledge = TransitionRequest::to(Status::Investigating);
    assert_eq!(acknowledged().assigned_to, Some(user_id(1)));
    assert_eq!(acknowledged().reassignment_count, 0);
    assert_eq!(moved(&full(), &acknowledge, &user(2), 1).assigned_to, Some(user_id(1)));
    for actor in [Actor::System, Actor::Integration(ExternalName::parse("monitor").unwrap())] {
        let incident = moved(&Scene::new().incident(), &acknowledge, &actor, 1);
        assert_eq!((incident.assigned_to, incident.acknowledged_at), (None, Some(minute_of_day(1))), "{actor:?}");
    }
}

#[test]
fn resuming_assigns_nobody() {
    let held = moved(&acknowledged(), &hold(HoldReason::AwaitingUser), &user(1), 2);
    let unassigned = held.revise().assign(None, &Scene::new().stamp(&user(1), 3)).incident().clone();
    let resumed = moved(&unassigned, &TransitionRequest::to(Status::Investigating), &user(1), 4);
    assert_eq!((resumed.assigned_to, resumed.acknowledged_at), (None, Some(minute_of_day(1))));
}

#[test]
fn an_incident_on_hold_can_change_what_it_waits_for() {
    let held = moved(&acknowledged(), &hold(HoldReason::AwaitingUser), &user(1), 2);
    let waiting = moved(&held, &hold(HoldReason::AwaitingVendor), &user(1), 3);
    assert_eq!((waiting.status, waiting.hold_reason), (Status::OnHold, Some(HoldReason::AwaitingVendor)));
    let resumed = moved(&waiting, &TransitionRequest::to(Status::Investigating), &user(1), 4);
    assert_eq!(resumed.hold_reason, None);
}

#[test]
fn reopening_keeps_the_first_acknowledgement_and_forgets_the_end() {
    let resolved = moved(&acknowledged(), &ended(Status::Resolved, ResolutionCode::Fixed), &user(1), 2);
    let closed = moved(&resolved, &TransitionRequest::to(Status::Closed), &user(1), 3);
    assert_eq!((closed.resolved_at, closed.closed_at), (Some(minute_of_day(2)), Some(minute_of_day(3))));
    let reopen = TransitionRequest { reason: Some(note("again")), ..TransitionRequest::to(Status::Investigating) };
    let reopened = moved(&closed, &reopen, &user(2), 4);
    assert_eq!(reopened.acknowledged_at, Some(minute_of_day(1)));
    assert_eq!((reopened.resolved_at, reopened.closed_at, &reopened.resolution), (None, None, &None));
    assert_eq!((reopened.reopen_count, reopened.assigned_to), (1, Some(user_id(1))));
}

#[test]
fn an_incident_is_never_a_duplicate_of_itself() {
    let refused = |duplicate_of| {
        let request = TransitionRequest { duplicate_of, ..ended(Status::Cancelled, ResolutionCode::Duplicate) };
        let scene = Scene::new();
        scene.incident().revise().transition(&request, &scene.stamp(&user(1), 1)).err()
    };
    let missing = TransitionError::Missing { from: Status::Open, to: Status::Cancelled, field: "duplicate_of" };
    assert_eq!(refused(Some(incident_id())), Some(TransitionError::DuplicateOfItself));
    assert_eq!(refused(None), Some(missing));
    assert_eq!(refused(Some(IncidentId::new(Uuid::from_u128(9)))), None);
}

#[test]
fn what_a_step_has_no_use_for_is_refused_by_the_name_of_the_field() {
    let other = Some(IncidentId::new(Uuid::from_u128(9)));
    let mitigate = TransitionRequest::to(Status::Mitigated);
    let fixed = ended(Status::Mitigated, ResolutionCode::Fixed);
    let false_alarm = ended(Status::Resolved, ResolutionCode::FalseAlarm);
    let resolve = ended(Status::Resolved, ResolutionCode::Fixed);
    for (request, unfit) in [
        (TransitionRequest { hold_reason: Some(HoldReason::AwaitingUser), ..mitigate.clone() }, "hold_reason"),
        (TransitionRequest { duplicate_of: other, ..mitigate }, "duplicate_of"),
        (fixed, "resolution"),
        (false_alarm, "resolution"),
        (TransitionRequest { duplicate_of: other, ..resolve }, "duplicate_of"),
        (ended(Status::Cancelled, ResolutionCode::Fixed), "resolution"),
    ] {
        let refused = acknowledged().revise().transition(&request, &Scene::new().stamp(&user(1), 1)).err();
        let expected = TransitionError::Unfit { from: Status::Investigating, to: request.to, field: unfit };
        assert_eq!(refused, Some(expected), "{request:?}");
    }
}

#[test]
fn a_reason_is_welcome_on_every_step() {
    let scene = Scene::new();
    let request = TransitionRequest { reason: Some(note("mine")), ..TransitionRequest::to(Status::Investigating) };
    let revision = scene.incident().revise().transition(&request, &scene.stamp(&user(1), 1)).unwrap();
    assert_eq!(revision.entries()[0].message, Some(note("mine")));
    assert_eq!(revision.entries()[1].message, None);
}
