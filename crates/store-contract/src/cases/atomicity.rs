//! All of a set is stored, or none of it.

use incident_domain::{
    Change, ChangeSet, ExternalName, ExternalReference, Incident, NewIncident, UserId,
    ports::{Conflict::Missing, Reference},
};

use crate::{
    Harness,
    refusal::{Stored, Trace},
    scene::{Scene, note, untold},
};

/// How many entries make a large set.
const LARGE_SET: usize = 500;

/// Whatever is wrong, and wherever in the set it stands, nothing of the set is stored.
pub async fn a_refused_set_leaves_no_trace(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let stored = Stored::new(&scene).await;
    let good = stored.good_set(&scene);
    let before = Trace::of(&scene, &stored, &good).await;

    for (index, (guilty, expected)) in stored.guilty_changes(&scene).into_iter().enumerate() {
        // At either end, and somewhere between.
        for place in [0, index % good.len(), good.len()] {
            let mut changes = good.clone();
            changes.insert(place, guilty.clone());
            assert_eq!(scene.refusal(changes.into_iter().collect()).await, expected, "{guilty:?} at {place}");
            assert_eq!(Trace::of(&scene, &stored, &good).await, before, "{guilty:?} at {place}");
        }
    }

    // It was really the one change that the store refused.
    scene.commit(good.iter().cloned().collect()).await;
    assert_ne!(Trace::of(&scene, &stored, &good).await, before);
}

/// However large it is.
pub async fn a_set_of_five_hundred_entries_is_stored_all_or_not_at_all(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut revision = scene.plain();
    while revision.entries().len() < LARGE_SET {
        revision = revision.comment(note("word ".repeat(100)), &scene.stamp());
    }
    let (incident, entries) = (revision.incident().clone(), revision.entries().to_vec());
    let set = ChangeSet::new().with_revision(revision);

    let nobody = UserId::new(scene.uuid());
    let guilty = set.clone().with_session(scene.session_of(nobody));
    assert_eq!(scene.refusal(guilty).await, Missing(Reference::User));
    assert_eq!(scene.incident(incident.id).await, None);
    assert_eq!(scene.timeline(incident.id).await, []);

    scene.commit(set).await;
    assert_eq!(scene.incident(incident.id).await, Some(incident.clone()));
    assert_eq!(scene.timeline(incident.id).await, entries);
}

/// However many incidents it opens, as an import does.
pub async fn a_set_may_insert_five_hundred_incidents(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut set = ChangeSet::new();
    let mut opened = Vec::new();
    for _ in 0..LARGE_SET {
        let revision = scene.plain();
        opened.push((revision.incident().clone(), revision.entries().to_vec()));
        set = set.with_revision(revision).with_events([scene.event()]).with_action(scene.action());
    }
    scene.commit(set).await;

    for (incident, entries) in opened {
        assert_eq!(scene.timeline(incident.id).await, entries);
        assert_eq!(scene.incident(incident.id).await, Some(incident));
    }
    assert_eq!((scene.events().await.len(), scene.actions().await.len()), (LARGE_SET, LARGE_SET));
}

/// A change sees what the ones before it in the set have done.
pub async fn a_set_may_change_the_incident_that_it_inserts(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.user();
    let opened = scene.plain();
    let assigned = opened.incident().clone().revise().assign(Some(user.id), &scene.stamp());
    let commented = scene.comment(assigned.incident());
    let last = commented.incident().clone();
    let revisions = ChangeSet::new().with_user(user).with_revision(opened).with_revision(assigned);
    scene.commit(revisions.with_revision(commented)).await;

    assert_eq!(scene.incident(last.id).await, Some(last.clone()));
    assert_eq!(scene.timeline(last.id).await.len(), 3);
}

/// What comes first is referred to by what follows.
pub async fn a_set_may_insert_an_incident_and_its_duplicate(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let original = scene.plain().incident().clone();
    let mut duplicate = scene.plain().incident().clone().into_record();
    duplicate.duplicate_of = Some(original.id);
    let duplicate = Incident::restore(duplicate);
    let inserts = [original, duplicate.clone()].map(|incident| Change::InsertIncident(Box::new(incident)));
    scene.commit(inserts.into_iter().collect()).await;

    assert_eq!(scene.incident(duplicate.id).await, Some(duplicate));
}

/// What a set has deleted is out of the way of what it inserts after that.
pub async fn a_set_may_replace_an_imported_incident(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let name = |text: &str| ExternalName::parse(text).expect("a name");
    let external = Some(ExternalReference { source: name("servicenow"), number: name("INC0000045") });
    let imported = || scene.opened(NewIncident { external: external.clone(), ..untold() });
    let first = scene.store(imported()).await;

    let second = imported();
    let replacement = second.incident().clone();
    scene.commit(ChangeSet::new().with_incident_deleted(&first).with_revision(second)).await;
    assert_eq!(scene.incident(first.id).await, None);
    assert_eq!(scene.incident(replacement.id).await, Some(replacement));
}
