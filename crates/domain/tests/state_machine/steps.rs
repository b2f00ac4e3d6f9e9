//! Random commands.

use incident_domain::{
    incidents::{HoldReason, IncidentId, Resolution, ResolutionCode, Status, TransitionRequest},
    kernel::{Actor, Note, UserId},
};
use proptest::{prelude::*, sample::select};
use uuid::Uuid;

use crate::scene::{incident_id, note, user, user_id};

/// A command on an incident.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Transition(TransitionRequest, Actor),
    Assign(Option<UserId>),
    Comment,
}

fn notes() -> impl Strategy<Value = Option<Note>> {
    proptest::option::of(select(vec![note("because"), note("of\nthis")]))
}

fn resolutions(codes: &'static [ResolutionCode]) -> impl Strategy<Value = Option<Resolution>> {
    (select(codes), notes()).prop_map(|(code, note)| Some(Resolution { code, note }))
}

/// Generates requests with the fields that the status usually requires, whether or not the transition exists.
fn fitting(to: Status) -> BoxedStrategy<TransitionRequest> {
    let other = IncidentId::new(Uuid::from_u128(0x1002));
    let resolution = match to {
        Status::Resolved => resolutions(ResolutionCode::RESOLVING).boxed(),
        Status::Cancelled => resolutions(ResolutionCode::CANCELLING).boxed(),
        _ => Just(None).boxed(),
    };
    let hold_reason = match to {
        Status::OnHold => select(HoldReason::ALL).prop_map(Some).boxed(),
        _ => Just(None).boxed(),
    };
    (hold_reason, resolution, notes())
        .prop_map(move |(hold_reason, resolution, reason)| {
            let is_duplicate =
                resolution.as_ref().is_some_and(|resolution| resolution.code == ResolutionCode::Duplicate);
            TransitionRequest { to, hold_reason, resolution, duplicate_of: is_duplicate.then_some(other), reason }
        })
        .boxed()
}

/// Generates requests with any fields.
fn arbitrary(to: Status) -> impl Strategy<Value = TransitionRequest> {
    let incidents = vec![incident_id(), IncidentId::new(Uuid::from_u128(0x1002))];
    let hold_reason = proptest::option::of(select(HoldReason::ALL));
    let resolution = prop_oneof![Just(None), resolutions(ResolutionCode::ALL)];
    (hold_reason, resolution, proptest::option::of(select(incidents)), notes()).prop_map(
        move |(hold_reason, resolution, duplicate_of, reason)| TransitionRequest {
            to,
            hold_reason,
            resolution,
            duplicate_of,
            reason,
        },
    )
}

/// Generates commands, most of which are valid.
pub(crate) fn steps() -> impl Strategy<Value = Step> {
    // Cancelled is final, so it is rare; most transitions start at investigating, so it is frequent.
    let targets = prop_oneof![
        1 => Just(Status::Open), 6 => Just(Status::Investigating), 3 => Just(Status::OnHold),
        3 => Just(Status::Mitigated), 4 => Just(Status::Resolved), 3 => Just(Status::Closed),
        1 => Just(Status::Cancelled),
    ];
    let requests = targets.prop_flat_map(|to| prop_oneof![3 => fitting(to), 1 => arbitrary(to).boxed()]);
    let actors = select(vec![user(1), user(2), Actor::System]);
    let assignees = proptest::option::of(select(vec![user_id(1), user_id(2), user_id(3)]));
    prop_oneof![
        16 => (requests, actors).prop_map(|(request, actor)| Step::Transition(request, actor)),
        2 => assignees.prop_map(Step::Assign),
        1 => Just(Step::Comment),
    ]
}
