//! Writers name what they have read.

use incident_domain::{
    incidents::{EntryHash, Expected, ExternalReference, Incident, IncidentPatch},
    kernel::{
        Conflict::{Missing, Stale},
        ExternalName, Record as _, Title, Version,
    },
    write::{Change, ChangeSet},
};

use crate::{
    Harness, full,
    scene::{Scene, untold},
};

/// No lost updates: who has read an older version is told.
pub async fn an_update_that_expects_another_version_is_stale(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let read = scene.stored_incident().await;
    let current = scene.store(read.clone().revise().assign(Some(user.id), &scene.stamp())).await;

    for version in [0, 1, 3, u32::MAX] {
        let expected = Expected { version: Version::new(version), timeline_length: current.timeline_length };
        let update = Change::UpdateIncident { incident: Box::new(read.clone()), expected };
        assert_eq!(scene.refusal(ChangeSet::new().with(update)).await, Stale, "version {version}");
    }
    assert_eq!(scene.incident(read.id).await, Some(current));
}

/// A remark that came in between shows by the timeline's length alone.
pub async fn an_update_that_expects_another_timeline_length_is_stale(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let read = scene.stored_incident().await;
    let current = scene.store(scene.comment(&read)).await;

    for timeline_length in [0, 1, 3, u32::MAX] {
        let expected = Expected { version: current.version, timeline_length };
        let update = Change::UpdateIncident { incident: Box::new(read.clone()), expected };
        assert_eq!(scene.refusal(ChangeSet::new().with(update)).await, Stale, "length {timeline_length}");
    }
    assert_eq!(scene.incident(read.id).await, Some(current));
}

/// A deletion is a change like any other.
pub async fn a_deletion_that_expects_another_version_is_stale(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let read = scene.stored_incident().await;
    let current = scene.store(read.clone().revise().assign(Some(user.id), &scene.stamp())).await;

    assert_eq!(scene.refusal(ChangeSet::new().delete_incident(&read)).await, Stale);
    assert_eq!(scene.incident(read.id).await.as_ref(), Some(&current));
    assert_eq!(scene.timeline(read.id).await.len(), 2);

    scene.commit(ChangeSet::new().delete_incident(&current)).await;
    assert_eq!(scene.incident(read.id).await, None);
}

/// What does not exist is missing, not stale, so that a use case can say which it is.
pub async fn a_change_of_what_does_not_exist_is_missing_and_not_stale(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    scene.stored_incident().await;
    let unknown = scene.plain().incident().clone();

    let update = ChangeSet::new().revise(scene.comment(&unknown));
    assert_eq!(scene.refusal(update).await, Missing(Incident::KIND));
    let deletion = ChangeSet::new().delete_incident(&unknown);
    assert_eq!(scene.refusal(deletion).await, Missing(Incident::KIND));
    assert_eq!(scene.incident(unknown.id).await, None);
}

/// The first deletion takes it away, so there is nothing left for the second.
pub async fn what_is_deleted_twice_is_missing_the_second_time(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incident = scene.stored_incident().await;
    let deletion = ChangeSet::new().delete_incident(&incident);
    scene.commit(deletion.clone()).await;
    assert_eq!(scene.refusal(deletion).await, Missing(Incident::KIND));
}

/// No column is forgotten, in either direction, and no other incident is touched.
pub async fn an_update_stores_every_field_anew(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (user, original) = (scene.stored_user().await, scene.stored_incident().await);
    let bystander = scene.stored_incident().await;
    let plain = scene.stored_incident().await;

    let name = |text: &str| ExternalName::parse(text).expect("a name");
    let external = ExternalReference { source: name("servicenow"), number: name("INC0000045") };
    let mut full = full::incident(&scene, user.id, original.id, Some(external)).into_record();
    (full.id, full.version, full.timeline_length) = (plain.id, plain.version.next(), plain.timeline_length);
    let full = Incident::restore(full);
    let empty = {
        let mut record = scene.opened(untold()).incident().clone().into_record();
        (record.id, record.version, record.timeline_length) = (plain.id, full.version.next(), full.timeline_length);
        record.timeline_seal = EntryHash::NONE;
        Incident::restore(record)
    };
    for (from, to) in [(&plain, &full), (&full, &empty)] {
        let expected = Expected { version: from.version, timeline_length: from.timeline_length };
        let update = Change::UpdateIncident { incident: Box::new(to.clone()), expected };
        scene.commit(ChangeSet::new().with(update)).await;
        assert_eq!(scene.incident(plain.id).await.as_ref(), Some(to));
        let by_number = scene.ports.incidents.find_by_number(to.number).await;
        assert_eq!(by_number.expect("incidents can be read").as_ref(), Some(to));
        let before = scene.ports.incidents.find_by_number(from.number).await;
        assert_eq!(before.expect("incidents can be read"), None);
    }
    assert_eq!(scene.incident(bystander.id).await, Some(bystander));
}

/// A client's `If-Match` is not broken by somebody else's remark.
pub async fn a_comment_keeps_the_version_and_lengthens_the_timeline(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let read = scene.stored_incident().await;
    let commented = scene.store(scene.comment(&read)).await;

    let stored = scene.incident(read.id).await.expect("it is stored");
    assert_eq!(stored, commented);
    assert_eq!((stored.version, stored.timeline_length), (read.version, read.timeline_length + 1));
    assert_eq!(stored.updated_at, read.updated_at);
    let timeline = scene.timeline(read.id).await;
    assert_eq!(timeline.last().map(|entry| entry.hash), Some(stored.timeline_hash));
}

/// A deletion names a version and nothing else, so a remark that came in between does not stop it.
pub async fn a_comment_does_not_make_a_deletion_stale(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let read = scene.stored_incident().await;
    scene.store(scene.comment(&read)).await;
    scene.commit(ChangeSet::new().delete_incident(&read)).await;
    assert_eq!(scene.incident(read.id).await, None);
    assert_eq!(scene.timeline(read.id).await, []);
}

/// The second would tear the hash chain.
pub async fn of_two_comments_on_one_reading_the_second_is_stale(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let read = scene.stored_incident().await;
    let (first, second) = (scene.comment(&read), scene.comment(&read));
    let after_first = scene.store(first).await;
    assert_eq!(scene.refusal(ChangeSet::new().revise(second)).await, Stale);

    let title = Some(Title::parse("another").expect("a title"));
    let patch = IncidentPatch { title, ..IncidentPatch::default() };
    let amendment = read.revise().amend(&patch, None, &scene.stamp());
    assert_eq!(scene.refusal(ChangeSet::new().revise(amendment)).await, Stale);
    assert_eq!(scene.incident(after_first.id).await, Some(after_first));
}
