//! Sets that change many incidents.

use incident_domain::{incidents::Incident, kernel::Conflict, write::ChangeSet};
use incident_store_contract::scene::Scene;

use super::{Recorded, conflict};

const INCIDENTS: usize = 500;

async fn opened(scene: &Scene) -> Vec<Incident> {
    let opened: Vec<_> = (0..INCIDENTS).map(|_| scene.plain()).collect();
    let incidents = opened.iter().map(|revision| revision.incident().clone()).collect();
    scene.commit(opened.into_iter().fold(ChangeSet::new(), ChangeSet::revise)).await;
    incidents
}

/// Comments each incident, with an action and an event.
fn comments(scene: &Scene, incidents: &[Incident]) -> ChangeSet {
    incidents.iter().fold(ChangeSet::new(), |set, incident| {
        set.revise(scene.comment(incident)).insert(scene.action()).insert_all([scene.event()])
    })
}

/// Counts the statements that insert into tables whose names begin like this.
fn inserts(sent: &[String], table: &str) -> usize {
    sent.iter().filter(|text| text.starts_with(&format!("INSERT INTO \"{table}"))).count()
}

#[tokio::test]
async fn one_set_changes_five_hundred_incidents_by_itself_or_beside_others() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let incidents = opened(&scene).await;

    recorded.written.take();
    let outcomes = recorded.store.commit_as_one_batch(vec![comments(&scene, &incidents)]).await;
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [None]);
    let inserts = inserts(&recorded.written.take(), "");
    assert!(inserts < 50, "rows of one table share statements, but there are {inserts}");
    let ids: Vec<_> = incidents.iter().map(|incident| incident.id).collect();
    let incidents = scene.ports.incidents.find_many(&ids).await.expect("the incidents");
    assert!(incidents.iter().all(|incident| incident.timeline_length == 2), "each incident has its comment");

    let other = || ChangeSet::new().revise(scene.plain()).insert_all([scene.event()]);
    let sets = vec![other(), comments(&scene, &incidents), other()];
    let outcomes = recorded.store.commit_as_one_batch(sets).await;
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [None, None, None]);
    let events = scene.ports.events.after(0, u32::MAX).await.expect("the events");
    assert_eq!(events.len(), 2 * INCIDENTS + 2);
}

#[tokio::test]
async fn a_set_with_one_stale_incident_of_five_hundred_is_refused_and_no_other_set() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let incidents = opened(&scene).await;
    let changed = incidents.last().expect("an incident");
    scene.commit(ChangeSet::new().revise(scene.comment(changed))).await;

    recorded.written.take();
    let other = || ChangeSet::new().revise(scene.plain());
    let outcomes = recorded.store.commit_as_one_batch(vec![comments(&scene, &incidents), other(), other()]).await;
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [Some(Conflict::Stale), None, None]);
    assert_eq!(inserts(&recorded.written.take(), "incidents"), 1, "the other sets share a transaction");
    let first = incidents.first().expect("an incident");
    let untouched = scene.ports.incidents.find(first.id).await.expect("a read");
    assert_eq!(untouched.as_ref(), Some(first));
}
