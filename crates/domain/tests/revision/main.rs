//! Revisions: their effect on the incident, its version and its timeline.

#![expect(clippy::unwrap_used, reason = "a setup that fails is a failed test")]

mod amendments;
mod clocks;
#[path = "../scene/mod.rs"]
mod scene;
mod steps;

use std::collections::BTreeMap;

use incident_domain::{
    incidents::{
        HoldReason, Impact, Incident, IncidentNumber, IncidentPatch, Labels, NewIncident, Priority, Revision, Status,
        TransitionRequest, Urgency,
    },
    kernel::{Actor, Description, Label, LabelKey, LabelValue, Patch, Title, Version},
    write::{AnyRecord, Change, ChangeSet},
};
use scene::{Scene, incident_id, minute_of_day, new_incident, note, user, user_id};

/// Returns an incident with a value in every optional field.
pub(crate) fn full() -> Incident {
    let new = NewIncident {
        description: Some(Description::parse("since noon").unwrap()),
        impact: Some(Impact::High),
        urgency: Some(Urgency::High),
        priority: Priority::Low,
        service: Some(label("mail")),
        category: Some(label("outage")),
        labels: labels(&[("team", "red")]),
        assigned_to: Some(user_id(1)),
        ..new_incident()
    };
    let scene = Scene::new();
    let stamp = scene.stamp(&Actor::System, 0);
    Revision::open(new, incident_id(), IncidentNumber::new(1), stamp.at, &stamp).incident().clone()
}

pub(crate) fn label(text: &str) -> Label {
    Label::parse(text).unwrap()
}

pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    let parsed = pairs.iter().map(|(key, value)| (LabelKey::parse(*key).unwrap(), LabelValue::parse(*value).unwrap()));
    Labels::parse(parsed.collect::<BTreeMap<_, _>>()).unwrap()
}

pub(crate) fn hold(reason: HoldReason) -> TransitionRequest {
    TransitionRequest { hold_reason: Some(reason), ..TransitionRequest::to(Status::OnHold) }
}

#[test]
fn opening_with_an_assignee_adds_a_timeline_entry() {
    let incident = full();
    assert_eq!((incident.version, incident.timeline_length, incident.reassignment_count), (Version::FIRST, 2, 0));
    assert_eq!((incident.opened_at, incident.acknowledged_at), (minute_of_day(0), None));
}

#[test]
fn an_imported_incident_has_separate_times_of_report_and_import() {
    let scene = Scene::new();
    let stamp = scene.stamp(&Actor::System, 0);
    let imported_at = minute_of_day(600);
    let incident = Revision::open(new_incident(), incident_id(), IncidentNumber::new(1), imported_at, &stamp);
    let incident = incident.incident();
    assert_eq!((incident.opened_at, incident.updated_at), (minute_of_day(0), minute_of_day(0)));
    assert_eq!(incident.created_at, imported_at);
}

#[test]
fn a_revision_raises_the_version_by_one() {
    let scene = Scene::new();
    let actor = user(2);
    let stamp = scene.stamp(&actor, 9);
    let patch = IncidentPatch {
        title: Some(Title::parse("another").unwrap()),
        description: Patch::Clear,
        assigned_to: Patch::Set(user_id(3)),
        ..IncidentPatch::default()
    };
    let revision = full()
        .revise()
        .transition(&TransitionRequest::to(Status::Investigating), &stamp)
        .and_then(|revision| {
            revision
                .amend(&patch, None, &stamp)
                .comment(note("done"), &stamp)
                .transition(&hold(HoldReason::AwaitingVendor), &stamp)
        })
        .unwrap();
    assert_eq!(revision.incident().version, Version::new(2));
    assert_eq!(revision.incident().updated_at, stamp.at);
    assert_eq!(revision.entries().len(), 6);

    let set = ChangeSet::new().revise(revision);
    let Change::UpdateIncident { incident, expected } = &set.changes()[0] else { panic!("{set:?}") };
    assert_eq!((expected.version, expected.timeline_length), (Version::FIRST, 2));
    assert_eq!(incident.timeline_length, 8);
    assert_eq!(set.changes().len(), 7);
}

#[test]
fn only_a_change_between_two_assignees_is_a_reassignment() {
    let scene = Scene::new();
    let mut incident = scene.incident();
    for (to, count) in [(Some(1), 0), (Some(1), 0), (Some(2), 1), (None, 1), (Some(1), 1), (Some(3), 2)] {
        let revision = incident.revise().assign(to.map(user_id), &scene.stamp(&user(1), 1));
        incident = revision.incident().clone();
        assert_eq!(incident.reassignment_count, count, "to {to:?}");
    }
    assert_eq!((incident.version, incident.timeline_length), (Version::new(6), 6));
}

#[test]
fn a_comment_adds_an_entry_and_keeps_version_and_time() {
    let before = full();
    let revision = before.clone().revise().comment(note("still slow"), &Scene::new().stamp(&user(1), 5));
    assert!(revision.is_changed());
    let after = revision.incident();
    assert_eq!((after.version, after.updated_at), (before.version, before.updated_at));
    assert_eq!(after.timeline_length, before.timeline_length + 1);
    assert_ne!(after.timeline_hash, before.timeline_hash);
}

#[test]
fn a_new_incident_is_inserted_and_not_updated() {
    let set = ChangeSet::new().revise(Scene::new().open());
    assert!(
        matches!(set.changes(), [Change::Insert(AnyRecord::Incident(_)), Change::Insert(AnyRecord::TimelineEntry(_))]),
        "{set:?}"
    );
}

#[test]
fn a_revision_that_changes_nothing_writes_nothing() {
    let scene = Scene::new();
    let revision = full().revise().assign(Some(user_id(1)), &scene.stamp(&user(1), 1));
    assert!(!revision.is_changed());
    assert_eq!(scene.ids_taken(), 0);
}
