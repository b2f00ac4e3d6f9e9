//! Commands that are serialized by locks on the records they change.

use std::sync::Arc;

use futures::future::{join, join_all};
use incident_application::{
    incidents::{BulkChange, BulkOutcome, BulkRefusal, IncidentChange, IncidentRef},
    kernel::Command,
    work::{SavedViewError, SavedViewRule},
};
use incident_domain::{
    incidents::{IncidentNumber, MockIncidentRepository, Status},
    kernel::OutcomeKind,
    work::SavedView,
};

use crate::{
    command_cases::{CommandCase, new_view},
    process::{Ports, Process},
    world::{Subjects, World, new_incident},
};

const COMMENTS: usize = 50;

async fn investigate(process: &Process, on: &Subjects, incidents: &[IncidentRef]) -> BulkOutcome {
    let change = IncidentChange { status: Some(Status::Investigating), ..IncidentChange::default() };
    let change = BulkChange { change, ..BulkChange::default() };
    process.incidents.change_many(Command::new(&on.caller), incidents, &change).await.expect("changed")
}

#[tokio::test]
async fn a_bulk_change_waits_for_the_lock_of_each_incident_and_then_succeeds_at_the_first_attempt() {
    let world = World::new();
    let on = world.subjects().await;
    let process = Process::with(&world, Ports::yielding(&world, 3));
    let calm = process.incidents.open(Command::new(&on.caller), new_incident()).await.expect("opened");
    let incidents = [IncidentRef::Number(calm.number), on.incident];
    let comments = || join_all((0..COMMENTS).map(|_| CommandCase::CommentIncident.execute(&process, &on, None)));
    process.store.take_commits();

    let (before, (outcome, after)) = join(comments(), join(investigate(&process, &on, &incidents), comments())).await;
    assert!(before.iter().chain(&after).all(Result::is_ok));
    assert!(outcome.items.iter().all(|item| item.result.as_ref().is_ok_and(|step| step.is_changed)), "{outcome:?}");
    assert_eq!(process.store.take_commits().len(), 2 * COMMENTS + 1, "no command conflicts and retries");
}

#[tokio::test]
async fn incidents_named_by_number_are_read_in_one_batch() {
    let world = World::new();
    let on = world.subjects().await;
    let mut incidents = MockIncidentRepository::new();
    incidents.expect_find_many_by_number().withf(|numbers| numbers.len() == 500).times(1).returning(|_| Ok(Vec::new()));
    let process = Process::with(&world, Ports { incidents: Arc::new(incidents), ..Ports::over(&world) });
    let unknown: Vec<_> = (2_000..2_500).map(|number| IncidentRef::Number(IncidentNumber::new(number))).collect();
    let outcome = investigate(&process, &on, &unknown).await;
    assert!(outcome.items.iter().all(|item| matches!(item.result, Err(BulkRefusal::NotFound))), "{outcome:?}");
    let actions = world.actions().await;
    assert_eq!((actions[0].target.as_str(), actions[0].outcome.kind()), ("incidents", OutcomeKind::Refused));
    assert_ne!(actions[1].kind, actions[0].kind, "one action covers all of them");
}

#[tokio::test]
async fn bulk_changes_of_the_same_incidents_in_different_orders_do_not_deadlock() {
    let world = World::new();
    let on = world.subjects().await;
    let process = Process::with(&world, Ports::yielding(&world, 1));
    let mut incidents = vec![on.incident];
    for _ in 0..20 {
        let opened = process.incidents.open(Command::new(&on.caller), new_incident()).await.expect("opened");
        incidents.push(IncidentRef::Id(opened.id));
    }
    let reversed: Vec<IncidentRef> = incidents.iter().rev().copied().collect();
    let outcomes = join(investigate(&process, &on, &incidents), investigate(&process, &on, &reversed)).await;
    let changed = [&outcomes.0, &outcomes.1].map(|outcome| {
        outcome.items.iter().filter(|item| item.result.as_ref().is_ok_and(|step| step.is_changed)).count()
    });
    assert_eq!(changed, [21, 0]);
}

#[tokio::test]
async fn concurrent_saves_cannot_exceed_the_limit_of_saved_views() {
    let world = World::new();
    let on = world.subjects().await;
    let process = Process::with(&world, Ports::yielding(&world, 3));
    let names: Vec<String> = (0..SavedView::PER_USER_MAX + 20).map(|index| format!("view {index}")).collect();
    let saved = join_all(names.iter().map(|name| process.views.save(Command::new(&on.caller), new_view(name)))).await;
    let refused =
        saved.iter().filter(|saved| matches!(saved, Err(SavedViewError::Rule(SavedViewRule::TooMany)))).count();
    assert_eq!(refused, 21, "one was there before");
    let views = process.views.list(&on.caller).await.expect("readable");
    assert_eq!(views.len(), SavedView::PER_USER_MAX);
}
