//! Who sees what was committed.

use incident_domain::write::ChangeSet;

use crate::{Harness, scene::Scene};

/// By every call after the answer.
pub async fn a_commit_is_seen_through_every_opening_of_the_store(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = harness.open().await;
    let mut incident = scene.stored_incident().await;
    for _ in 0..10 {
        let seen = other.incidents.find(incident.id).await.expect("incidents can be read");
        assert_eq!(seen.as_ref(), Some(&incident));

        let revision = scene.comment(&incident);
        incident = revision.incident().clone();
        other.store.commit(ChangeSet::new().revise(revision)).await.expect("it was read as it is stored");
        assert_eq!(scene.incident(incident.id).await.as_ref(), Some(&incident));
    }
}

/// It contradicts nothing.
pub async fn an_empty_set_is_accepted(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    scene.commit(ChangeSet::new()).await;
    assert_eq!((scene.events().await, scene.actions().await), (Vec::new(), Vec::new()));
}
