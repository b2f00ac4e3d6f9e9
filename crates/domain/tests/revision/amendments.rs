//! Amendments: the changed fields and their timeline entries.

use incident_domain::{
    incidents::{EntryDetails, Impact, Incident, IncidentField, IncidentPatch, Labels, Priority, Urgency},
    kernel::{Patch, Title},
};

use crate::{
    full, label, labels,
    scene::{Scene, note, user, user_id},
};

/// Returns the incident after an amendment, and the details of the new entries.
fn amended(incident: &Incident, patch: &IncidentPatch) -> (Incident, Vec<EntryDetails>) {
    let revision = incident.clone().revise().amend(patch, None, &Scene::new().stamp(&user(1), 7));
    let details = revision.entries().iter().map(|entry| entry.details.clone()).collect();
    (revision.incident().clone(), details)
}

fn changed(field: IncidentField, from: Option<&str>, to: Option<&str>) -> EntryDetails {
    EntryDetails::FieldChanged { field, from: from.map(str::to_owned), to: to.map(str::to_owned) }
}

#[test]
fn an_empty_patch_changes_nothing() {
    let (after, details) = amended(&full(), &IncidentPatch::default());
    assert_eq!((after, details), (full(), Vec::new()));
}

#[test]
fn equal_values_change_nothing_and_keep_the_version() {
    let before = full();
    let same = IncidentPatch {
        title: Some(before.title.clone()),
        description: Patch::Set(before.description.clone().unwrap()),
        priority: None,
        impact: Patch::Set(Impact::High),
        urgency: Patch::Set(Urgency::High),
        service: Patch::Set(label("mail")),
        category: Patch::Set(label("outage")),
        labels: Some(before.labels.clone()),
        assigned_to: Patch::Set(user_id(1)),
    };
    assert_eq!(amended(&before, &same), (before.clone(), Vec::new()));
    let with_priority = IncidentPatch { priority: Some(Priority::Low), ..same };
    assert_eq!(amended(&before, &with_priority), (before, Vec::new()));
}

#[test]
fn clearing_an_empty_field_changes_nothing() {
    let before = Scene::new().incident();
    let clear = IncidentPatch {
        description: Patch::Clear,
        impact: Patch::Clear,
        urgency: Patch::Clear,
        service: Patch::Clear,
        category: Patch::Clear,
        assigned_to: Patch::Clear,
        labels: Some(Labels::default()),
        ..IncidentPatch::default()
    };
    assert_eq!(amended(&before, &clear), (before, Vec::new()));
}

#[test]
fn clearing_empties_every_optional_field() {
    let clear = IncidentPatch {
        description: Patch::Clear,
        impact: Patch::Clear,
        urgency: Patch::Clear,
        service: Patch::Clear,
        category: Patch::Clear,
        assigned_to: Patch::Clear,
        labels: Some(Labels::default()),
        ..IncidentPatch::default()
    };
    let (after, details) = amended(&full(), &clear);
    assert_eq!((&after.description, after.impact, after.urgency), (&None, None, None));
    assert_eq!((&after.service, &after.category, after.assigned_to), (&None, &None, None));
    assert!(after.labels.is_empty());
    // The matrix needs both impact and urgency.
    assert_eq!(after.priority, Priority::Low);
    let expected = [
        changed(IncidentField::Description, Some("since noon"), None),
        changed(IncidentField::Impact, Some("high"), None),
        changed(IncidentField::Urgency, Some("high"), None),
        changed(IncidentField::Service, Some("mail"), None),
        changed(IncidentField::Category, Some("outage"), None),
        changed(IncidentField::Labels, Some("team=red"), None),
        EntryDetails::Assigned { from: Some(user_id(1)), to: None },
    ];
    assert_eq!(details, expected);
}

#[test]
fn an_amendment_changes_the_given_fields_and_keeps_the_others() {
    let patch = IncidentPatch {
        title: Some(Title::parse("mail is slow").unwrap()),
        service: Patch::Set(label("smtp")),
        ..IncidentPatch::default()
    };
    let (after, details) = amended(&full(), &patch);
    assert_eq!((after.title.as_str(), after.service.clone()), ("mail is slow", Some(label("smtp"))));
    assert_eq!((&after.description, &after.category), (&full().description, &full().category));
    let title = changed(IncidentField::Title, Some("mail is down"), Some("mail is slow"));
    assert_eq!(details, [title, changed(IncidentField::Service, Some("mail"), Some("smtp"))]);
}

#[test]
fn the_reason_of_an_amendment_is_the_message_of_each_entry() {
    let scene = Scene::new();
    let patch = IncidentPatch {
        service: Patch::Clear,
        category: Patch::Clear,
        assigned_to: Patch::Clear,
        ..IncidentPatch::default()
    };
    let reason = note("tidied up");
    let revision = full().revise().amend(&patch, Some(&reason), &scene.stamp(&user(1), 3));
    assert_eq!(revision.entries().len(), 3);
    assert!(revision.entries().iter().all(|entry| entry.message.as_ref() == Some(&reason)));
}

#[test]
fn the_matrix_sets_the_priority_when_impact_or_urgency_change() {
    let urgency = IncidentPatch { urgency: Patch::Set(Urgency::Medium), ..IncidentPatch::default() };
    let (after, details) = amended(&full(), &urgency);
    assert_eq!(after.priority, Priority::High);
    let priority = changed(IncidentField::Priority, Some("low"), Some("high"));
    assert_eq!(details, [priority, changed(IncidentField::Urgency, Some("high"), Some("medium"))]);

    let impact = IncidentPatch { impact: Patch::Set(Impact::Low), ..IncidentPatch::default() };
    assert_eq!(amended(&full(), &impact).0.priority, Priority::Medium);
}

#[test]
fn an_explicit_priority_overrides_the_matrix() {
    let patch = IncidentPatch {
        priority: Some(Priority::Critical),
        impact: Patch::Set(Impact::Low),
        urgency: Patch::Set(Urgency::Low),
        ..IncidentPatch::default()
    };
    assert_eq!(amended(&full(), &patch).0.priority, Priority::Critical);
}

#[test]
fn the_matrix_needs_both_impact_and_urgency() {
    let impact = IncidentPatch { impact: Patch::Set(Impact::Low), ..IncidentPatch::default() };
    assert_eq!(amended(&Scene::new().incident(), &impact).0.priority, Priority::High);
    let cleared = IncidentPatch { urgency: Patch::Clear, ..impact };
    assert_eq!(amended(&full(), &cleared).0.priority, Priority::Low);
}

#[test]
fn different_labels_with_the_same_text_count_as_changed() {
    let relabelled = |labels| IncidentPatch { labels: Some(labels), ..IncidentPatch::default() };
    let (one, _) = amended(&full(), &relabelled(labels(&[("a", "1, b=2")])));
    let two = labels(&[("a", "1"), ("b", "2")]);
    assert_eq!(one.labels.to_string(), two.to_string());
    let (after, details) = amended(&one, &relabelled(two.clone()));
    assert_eq!((&after.labels, after.version), (&two, one.version.next()));
    assert_eq!(details, [changed(IncidentField::Labels, Some("a=1, b=2"), Some("a=1, b=2"))]);
}
