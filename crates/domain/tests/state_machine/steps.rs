//! What may be asked of an incident, at random.

use incident_domain::{
    Actor, HoldReason, IncidentId, Note, Resolution, ResolutionCode, Status, TransitionRequest, UserId,
};
use proptest::{prelude::*, sample::select};
use uuid::Uuid;

use crate::scene::{incident_id, note, user, user_id};

/// One thing that somebody asks.
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

/// What a request to go somewhere usually carries, whether the step exists or not.
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
            let repeats = resolution.as_ref().is_some_and(|resolution| resolution.code == ResolutionCode::Duplicate);
            TransitionRequest { to, hold_reason, resolution, duplicate_of: repeats.then_some(other), reason }
        })
        .boxed()
}

/// Anything at all.
fn wild(to: Status) -> impl Strategy<Value = TransitionRequest> {
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

/// One thing, whether it makes sense or not; most do.
pub(crate) fn steps() -> impl Strategy<Value = Step> {
    // Cancelled is final, so it is rare; investigating leads everywhere, so it is not.
    let targets = prop_oneof![
        1 => Just(Status::Open), 6 => Just(Status::Investigating), 3 => Just(Status::OnHold),
        3 => Just(Status::Mitigated), 4 => Just(Status::Resolved), 3 => Just(Status::Closed),
        1 => Just(Status::Cancelled),
    ];
    let requests = targets.prop_flat_map(|to| prop_oneof![3 => fitting(to), 1 => wild(to).boxed()]);
    let actors = select(vec![user(1), user(2), Actor::System]);
    let assignees = proptest::option::of(select(vec![user_id(1), user_id(2), user_id(3)]));
    prop_oneof![
        16 => (requests, actors).prop_map(|(request, actor)| Step::Transition(request, actor)),
        2 => assignees.prop_map(Step::Assign),
        1 => Just(Step::Comment),
    ]
}
