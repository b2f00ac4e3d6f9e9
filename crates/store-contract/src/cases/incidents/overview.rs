//! Counts for the overview.

use chrono::TimeDelta;
use incident_domain::{
    incidents::{Status, TransitionRequest},
    write::ChangeSet,
};

use super::incident_list::stored_incidents;
use crate::{Harness, cases::identity::session::sessions_around, scene::Scene};

/// Including the statuses that no incident has.
pub async fn incidents_are_counted_by_status(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let none: Vec<_> = Status::ALL.iter().map(|status| (*status, 0)).collect();
    assert_eq!(all_counts(&scene).await, none);

    let incidents = stored_incidents(&scene).await;
    let of = |status: Status| incidents.iter().filter(|incident| incident.status == status).count();
    let expected: Vec<_> = Status::ALL.iter().map(|status| (*status, count(of(*status)))).collect();
    assert_eq!(all_counts(&scene).await, expected);
}

/// As soon as the commit is answered.
pub async fn a_changed_or_deleted_incident_is_counted_by_its_present_status(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (changed, deleted) = (scene.stored_incident().await, scene.stored_incident().await);
    assert_eq!(counts(&scene).await, [(Status::Open, 2)]);

    let request = TransitionRequest::to(Status::Investigating);
    let acknowledged = changed.revise().transition(&request, &scene.stamp());
    scene.store(acknowledged.expect("an open incident can be acknowledged")).await;
    assert_eq!(counts(&scene).await, [(Status::Open, 1), (Status::Investigating, 1)]);

    scene.commit(ChangeSet::new().delete_incident(&deleted)).await;
    assert_eq!(counts(&scene).await, [(Status::Investigating, 1)]);
}

/// Of all users, to the microsecond.
pub async fn live_sessions_are_counted(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (now, idle_max) = (scene.now(), TimeDelta::minutes(30));
    let users = [scene.stored_user().await.id, scene.stored_user().await.id];
    let sessions = sessions_around(&scene, now, &users);
    scene.commit(ChangeSet::new().insert_all(sessions.clone())).await;
    let live = sessions.iter().filter(|session| session.is_live(now, idle_max)).count();
    assert!(live > 0 && live < sessions.len());
    let counted = scene.ports.overview.live_sessions(now, idle_max).await.expect("sessions can be counted");
    assert_eq!(counted, count(live));
}

async fn all_counts(scene: &Scene) -> Vec<(Status, u64)> {
    scene.ports.overview.incidents_by_status().await.expect("incidents can be counted")
}

/// Returns the counts of the statuses that some incident has.
async fn counts(scene: &Scene) -> Vec<(Status, u64)> {
    let mut counts = all_counts(scene).await;
    counts.retain(|(_, count)| *count > 0);
    counts
}

fn count(items: usize) -> u64 {
    u64::try_from(items).expect("a number that is not too large")
}
