//! Counting what there is.

use chrono::TimeDelta;
use incident_domain::{
    identity::{Revocation, RevocationReason, Session},
    incidents::{IncidentFilter, Status, TransitionRequest},
    kernel::Timestamp,
    write::ChangeSet,
};

use crate::{Harness, population::Population, scene::Scene};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// Those of no incident too.
pub async fn every_status_is_told_with_its_incidents(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let nothing: Vec<_> = Status::ALL.iter().map(|status| (*status, 0)).collect();
    assert_eq!(all_counts(&scene).await, nothing);

    let population = Population::settle(&scene).await;
    let of =
        |status: Status| population.matching(&IncidentFilter { statuses: vec![status], ..IncidentFilter::default() });
    let expected: Vec<_> = Status::ALL.iter().map(|status| (*status, count(of(*status).len()))).collect();
    assert_eq!(all_counts(&scene).await, expected);
}

/// As soon as the change is answered.
pub async fn a_changed_or_deleted_incident_is_counted_where_it_is_now(harness: &dyn Harness) {
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

/// Of whomever, and to the microsecond at either boundary.
pub async fn live_sessions_are_counted_whosoever_they_are(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (now, idle_max) = (scene.now(), TimeDelta::minutes(30));
    let alter = [
        |_: &mut Session, _: Timestamp| {},
        |session: &mut Session, now| session.expires_at = now,
        |session: &mut Session, now| session.expires_at = now + MICROSECOND,
        |session: &mut Session, now| session.last_seen_at = now - TimeDelta::minutes(30),
        |session: &mut Session, now| session.last_seen_at = now - TimeDelta::minutes(30) + MICROSECOND,
        |session: &mut Session, now| {
            session.revocation = Some(Revocation { at: now, because: RevocationReason::SignedOut });
        },
    ];
    let mut sessions = Vec::new();
    for user in [scene.stored_user().await.id, scene.stored_user().await.id] {
        for alter in alter {
            let mut session = scene.session_of(user);
            alter(&mut session, now);
            scene.commit(ChangeSet::new().insert(session.clone())).await;
            sessions.push(session);
        }
    }
    let live = sessions.iter().filter(|session| session.is_live(now, idle_max)).count();
    let counted = scene.ports.overview.live_sessions(now, idle_max).await.expect("sessions can be counted");
    assert_eq!(counted, count(live));
}

async fn all_counts(scene: &Scene) -> Vec<(Status, u64)> {
    scene.ports.overview.incidents_by_status().await.expect("incidents can be counted")
}

/// Without the statuses of no incident.
async fn counts(scene: &Scene) -> Vec<(Status, u64)> {
    let mut counts = all_counts(scene).await;
    counts.retain(|(_, count)| *count > 0);
    counts
}

fn count(items: usize) -> u64 {
    u64::try_from(items).expect("a number that is not too large")
}
