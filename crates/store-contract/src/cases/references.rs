//! What is referred to exists, and what is deleted takes along what was its own.

use incident_domain::{identity::{User}, incidents::{Expected, Incident, IncidentId, IncidentRecord, Resolution, ResolutionCode, Status, TransitionRequest}, kernel::{Conflict::{Missing}, Record as _, RecordKind, UserId}, write::{Change, ChangeSet}};

use crate::{Harness, scene::Scene};

/// At the insertion and at every update.
pub async fn an_incident_names_only_users_that_exist(harness: &dyn Harness) {
    let nobody_reports = |record: &mut IncidentRecord, nobody| record.reported_by = Some(nobody);
    let nobody_works = |record: &mut IncidentRecord, nobody| record.assigned_to = Some(nobody);
    let scene = Scene::set(harness).await;
    let stored = scene.stored_incident().await;
    for alter in [nobody_reports, nobody_works] {
        let nobody = UserId::new(scene.uuid());
        refused(&scene, &stored, User::KIND, &|record| alter(record, nobody)).await;
    }
}

/// At the insertion and at every update.
pub async fn an_incident_is_a_duplicate_only_of_one_that_exists(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let stored = scene.stored_incident().await;
    let nothing = IncidentId::new(scene.uuid());
    refused(&scene, &stored, Incident::KIND, &|record| record.duplicate_of = Some(nothing)).await;
}

/// A session is somebody's.
pub async fn a_session_belongs_to_a_user_that_exists(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    scene.stored_user().await;
    let session = scene.session_of(UserId::new(scene.uuid()));
    assert_eq!(scene.refusal(ChangeSet::new().insert(session.clone())).await, Missing(User::KIND));
    assert_eq!(scene.ports.sessions.find_with_user(session.id).await.expect("sessions can be read"), None);
}

/// Neither one that never was nor one that is gone.
pub async fn an_entry_belongs_to_an_incident_that_exists(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let never = scene.plain().incident().clone();
    let gone = scene.stored_incident().await;
    scene.commit(ChangeSet::new().delete_incident(&gone)).await;
    for incident in [never, gone] {
        let entry = scene.comment(&incident).entries()[0].clone();
        let insert = ChangeSet::new().with(Change::Insert(entry.into()));
        assert_eq!(scene.refusal(insert).await, Missing(Incident::KIND));
        assert_eq!(scene.timeline(incident.id).await, []);
    }
}

/// The timeline goes with its incident, and no other's does.
pub async fn a_deleted_incident_takes_its_timeline_along(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (kept, doomed) = (scene.stored_incident().await, scene.stored_incident().await);
    let doomed = scene.store(scene.comment(&doomed)).await;
    assert_eq!(scene.timeline(doomed.id).await.len(), 2);

    scene.commit(ChangeSet::new().delete_incident(&doomed)).await;
    assert_eq!(scene.incident(doomed.id).await, None);
    let by_number = scene.ports.incidents.find_by_number(doomed.number).await;
    assert_eq!(by_number.expect("incidents can be read"), None);
    assert_eq!(scene.timeline(doomed.id).await, []);
    let latest = scene.ports.timeline.latest_entries(&[doomed.id], 10).await;
    assert_eq!(latest.expect("timelines can be read"), []);
    assert_eq!(scene.timeline(kept.id).await.len(), 1);
    assert_eq!(scene.incident(kept.id).await, Some(kept));
}

/// What was told and what was audited stays.
pub async fn a_deleted_incident_leaves_its_events_and_actions(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let opened = scene.plain();
    let incident = opened.incident().clone();
    let subject = format!("incident:{}", incident.id);
    let (event, mut action) = (scene.event_about(&subject), scene.action());
    action.target = subject;
    let set = ChangeSet::new().revise(opened).insert(action).insert_all([event]);
    scene.commit(set).await;
    let (events, actions) = (scene.events().await, scene.actions().await);
    assert_eq!((events.len(), actions.len()), (1, 1));

    scene.commit(ChangeSet::new().delete_incident(&incident)).await;
    assert_eq!((scene.events().await, scene.actions().await), (events, actions));
}

/// Its duplicates stay as they are, but no longer name what is gone; their timelines still do.
pub async fn a_deleted_incident_leaves_its_duplicates(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (original, other_original) = (scene.stored_incident().await, scene.stored_incident().await);
    let mut duplicates = Vec::new();
    for original in [&original, &original, &other_original] {
        let request = TransitionRequest {
            resolution: Some(Resolution { code: ResolutionCode::Duplicate, note: None }),
            duplicate_of: Some(original.id),
            ..TransitionRequest::to(Status::Cancelled)
        };
        let duplicate = scene.stored_incident().await.revise().transition(&request, &scene.stamp());
        duplicates.push(scene.store(duplicate.expect("an open incident can be a duplicate")).await);
    }
    let mut timelines = Vec::new();
    for duplicate in &duplicates {
        timelines.push(scene.timeline(duplicate.id).await);
    }
    scene.commit(ChangeSet::new().delete_incident(&original)).await;

    for (duplicate, timeline) in duplicates.iter().zip(timelines) {
        let mut record = duplicate.clone().into_record();
        record.duplicate_of = record.duplicate_of.filter(|of| *of != original.id);
        assert_eq!(scene.incident(duplicate.id).await, Some(Incident::restore(record)));
        assert_eq!(scene.timeline(duplicate.id).await, timeline);
    }
}

/// Tries to insert and to update an incident with what `alter` does to it.
async fn refused(scene: &Scene, stored: &Incident, missing: RecordKind, alter: &(dyn Fn(&mut IncidentRecord) + Sync)) {
    let mut inserted = scene.plain().incident().clone().into_record();
    alter(&mut inserted);
    let inserted = Incident::restore(inserted);
    let insert = Change::Insert(inserted.clone().into());
    assert_eq!(scene.refusal(ChangeSet::new().with(insert)).await, Missing(missing));
    assert_eq!(scene.incident(inserted.id).await, None);

    let mut updated = stored.clone().into_record();
    alter(&mut updated);
    let incident = Box::new(Incident::restore(updated));
    let expected = Expected { version: stored.version, timeline_length: stored.timeline_length };
    let update = Change::UpdateIncident { incident, expected };
    assert_eq!(scene.refusal(ChangeSet::new().with(update)).await, Missing(missing));
    assert_eq!(scene.incident(stored.id).await.as_ref(), Some(stored));
}
