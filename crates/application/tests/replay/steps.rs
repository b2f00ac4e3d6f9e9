//! Transitions that a log implies but does not contain.

use incident_application::work::{AdjustmentKind, ReplayEnd, Standing};
use incident_domain::{
    incidents::{EntryDetails, HoldReason, Status, TimelineEntry, Transition},
    kernel::{Actor, Note},
};

use crate::scene::{Log, Scene, external, minute_at};

const ALL: [Standing; 8] = [
    Standing::Open,
    Standing::Investigating,
    Standing::OnHold(HoldReason::AwaitingUser),
    Standing::OnHold(HoldReason::AwaitingVendor),
    Standing::OnHold(HoldReason::AwaitingProblem),
    Standing::OnHold(HoldReason::AwaitingEvidence),
    Standing::Resolved,
    Standing::Closed,
];

/// The number of transitions from one state (row) to another (column), derived by hand from the design's
/// table: open, investigating, on hold for one reason, on hold for another, resolved, closed.
const STEPS: [(Standing, [Option<usize>; 6]); 6] = [
    (Standing::Open, [Some(0), Some(1), Some(2), Some(2), Some(2), Some(3)]),
    (Standing::Investigating, [None, Some(0), Some(1), Some(1), Some(1), Some(2)]),
    (Standing::OnHold(HoldReason::AwaitingUser), [None, Some(1), Some(0), Some(1), Some(1), Some(2)]),
    (Standing::OnHold(HoldReason::AwaitingVendor), [None, Some(1), Some(1), Some(0), Some(1), Some(2)]),
    (Standing::Resolved, [None, Some(1), Some(2), Some(2), Some(0), Some(1)]),
    (Standing::Closed, [None, Some(1), Some(2), Some(2), Some(2), Some(0)]),
];

fn steps(entries: &[TimelineEntry]) -> Vec<(Status, Status)> {
    let step = |entry: &TimelineEntry| match entry.details {
        EntryDetails::StatusChanged { from, to, .. } => Some((from, to)),
        _ => None,
    };
    entries.iter().filter_map(step).collect()
}

#[tokio::test]
async fn every_pair_of_states_becomes_allowed_transitions() {
    for from in ALL {
        for to in ALL {
            let scene = Scene::new();
            let mut log = Log::new();
            log.add("L1", &[from, to]);
            let outcome = scene.replay(&log.log).await;
            assert!(matches!(outcome.end, ReplayEnd::Complete), "{from:?} to {to:?}: {outcome:?}");

            let (incident, entries) = scene.only().await;
            let mut here = Status::Open;
            for (start, end) in steps(&entries) {
                assert_eq!(start, here, "{from:?} to {to:?}");
                assert!(Transition::between(start, end).is_some(), "{from:?} to {to:?}: {start} to {end}");
                assert!(!matches!(end, Status::Cancelled | Status::Mitigated), "{from:?} to {to:?}: unexpected {end}");
                here = end;
            }
            let is_dead_end = to == Standing::Open && from != Standing::Open;
            let expected = if is_dead_end { from } else { to };
            assert_eq!(incident.status, expected.status(), "{from:?} to {to:?}");
            assert_eq!(incident.hold_reason, expected.hold_reason(), "{from:?} to {to:?}");
            let no_way = AdjustmentKind::NoWay { from: from.status(), to: to.status() };
            assert_eq!(outcome.adjustments.iter().any(|adjustment| adjustment.kind == no_way), is_dead_end);
        }
    }
}

#[tokio::test]
async fn the_shortest_sequence_of_transitions_is_taken() {
    for (from, row) in STEPS {
        for ((to, _), expected) in STEPS.iter().zip(row) {
            let (one, both) = (Scene::new(), Scene::new());
            let (mut before, mut after) = (Log::new(), Log::new());
            before.add("L1", &[from]);
            after.add("L1", &[from, *to]);
            one.replay(&before.log).await;
            both.replay(&after.log).await;
            let taken = steps(&both.only().await.1).len() - steps(&one.only().await.1).len();
            assert_eq!(taken, expected.unwrap_or(0), "{from:?} to {to:?}");
        }
    }
}

#[tokio::test]
async fn an_implied_transition_is_marked_and_has_the_time_and_author_of_its_update() {
    let scene = Scene::new();
    let mut log = Log::new();
    log.add("L1", &[Standing::Open, Standing::Closed]);
    let outcome = scene.replay(&log.log).await;
    assert_eq!(outcome.implied_steps, 2);

    let (incident, entries) = scene.only().await;
    let ute = Actor::User(scene.user("Ute").await.id);
    let changes: Vec<_> =
        entries.iter().filter(|entry| matches!(entry.details, EntryDetails::StatusChanged { .. })).collect();
    let messages: Vec<Option<&str>> = changes.iter().map(|entry| entry.message.as_ref().map(Note::as_str)).collect();
    let implied = Some("implied by the next step in legacy");
    assert_eq!(messages, [implied, implied, None]);
    assert!(changes.iter().all(|entry| entry.at == minute_at(2) && entry.actor == ute));
    for moment in [incident.acknowledged_at, incident.resolved_at, incident.closed_at] {
        assert_eq!(moment, Some(minute_at(2)));
    }
}

#[tokio::test]
async fn a_closed_incident_that_becomes_active_is_reopened_with_a_reason() {
    let scene = Scene::new();
    let mut log = Log::new();
    log.add("L1", &[Standing::Closed, Standing::Investigating]);
    scene.replay(&log.log).await;

    let (incident, entries) = scene.only().await;
    assert_eq!((incident.status, incident.reopen_count), (Status::Investigating, 1));
    assert_eq!((incident.resolved_at, incident.closed_at, &incident.resolution), (None, None, &None));
    assert_eq!(entries.last().unwrap().message.as_ref().unwrap().as_str(), "reopened in legacy");
}

#[tokio::test]
async fn a_log_that_starts_in_a_final_state_is_replayed_and_reported() {
    let scene = Scene::new();
    let mut log = Log::new();
    log.add("L1", &[Standing::Resolved, Standing::Closed]);
    let outcome = scene.replay(&log.log).await;

    let (incident, entries) = scene.only().await;
    assert_eq!(incident.status, Status::Closed);
    assert_eq!(
        steps(&entries),
        [
            (Status::Open, Status::Investigating),
            (Status::Investigating, Status::Resolved),
            (Status::Resolved, Status::Closed)
        ]
    );
    let reported: Vec<_> = outcome.adjustments.iter().map(|found| (found.line, &found.incident, found.kind)).collect();
    assert_eq!(reported, [(1, &external("L1"), AdjustmentKind::BeginsOver(Status::Resolved))]);
}
