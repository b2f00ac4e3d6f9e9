//! Rules for translating a log into incidents.

use std::sync::Arc;

use incident_application::work::{AdjustmentKind, LoggedFields, Standing};
use incident_domain::{
    incidents::{EntryDetails, EntryKind, Impact, IncidentField, Priority, Status},
    kernel::{Actor, Label},
};

use crate::scene::{Log, Scene, external, fields, minute_at};

#[tokio::test]
async fn an_incident_keeps_its_number_its_times_and_its_opening() {
    let scene = Scene::new();
    let mut log = Log::new();
    let carl = log.person("Carl");
    log.add("L-77", &[Standing::Investigating]).reported_by = Some(carl);
    let outcome = scene.replay(&log.log).await;
    assert_eq!((outcome.imported, outcome.entries, outcome.people_added), (1, 5, 3));

    let (incident, entries) = scene.only().await;
    let reference = incident.external.clone().unwrap();
    assert_eq!((reference.source, reference.number), (external("legacy"), external("L-77")));
    assert_eq!(incident.opened_at, minute_at(0));
    assert_eq!(incident.updated_at, minute_at(1));
    assert_eq!(incident.created_at, scene.ports.clock.now());
    assert_eq!(incident.reported_by, Some(scene.user("Carl").await.id));

    assert_eq!(entries[0].kind(), EntryKind::Opened);
    assert_eq!((&entries[0].actor, entries[0].at), (&Actor::User(scene.user("Olga").await.id), minute_at(0)));
    let imported = EntryDetails::Imported { source: external("legacy"), reference: external("L-77") };
    assert_eq!((&entries[1].details, &entries[1].actor), (&imported, &Actor::Integration(external("legacy"))));
}

#[tokio::test]
async fn an_update_without_changes_is_recorded_with_its_time_and_author() {
    let scene = Scene::new();
    let mut log = Log::new();
    log.add("L1", &[Standing::Open, Standing::Open]);
    scene.replay(&log.log).await;

    let (_, entries) = scene.only().await;
    let ute = Actor::User(scene.user("Ute").await.id);
    let recorded: Vec<_> = entries[2..].iter().map(|entry| (entry.kind(), entry.at, entry.actor.clone())).collect();
    let expected = [1, 2].map(|minute| (EntryKind::Imported, minute_at(minute), ute.clone()));
    assert_eq!(recorded, expected);
}

#[tokio::test]
async fn changes_between_two_updates_are_recorded_field_by_field() {
    let scene = Scene::new();
    let mut log = Log::new();
    let incident = log.add("L1", &[Standing::Open, Standing::Open]);
    let category = Label::parse("mail").unwrap();
    let changed =
        LoggedFields { priority: Priority::High, impact: Some(Impact::Low), category: Some(category), ..fields() };
    incident.updates[0].fields = Arc::new(changed);
    scene.replay(&log.log).await;

    let (incident, entries) = scene.only().await;
    let recorded: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.details {
            EntryDetails::FieldChanged { field, from, to } => Some((entry.at, *field, from.as_deref(), to.as_deref())),
            _ => None,
        })
        .collect();
    let (first, second) = (minute_at(1), minute_at(2));
    assert_eq!(
        recorded,
        [
            (first, IncidentField::Priority, Some("medium"), Some("high")),
            (first, IncidentField::Impact, None, Some("low")),
            (first, IncidentField::Category, None, Some("mail")),
            (second, IncidentField::Priority, Some("high"), Some("medium")),
            (second, IncidentField::Impact, Some("low"), None),
            (second, IncidentField::Category, Some("mail"), None),
        ]
    );
    assert_eq!((incident.priority, incident.impact, &incident.category), (Priority::Medium, None, &None));
}

#[tokio::test]
async fn an_incident_without_an_assignee_in_the_log_is_unassigned() {
    let scene = Scene::new();
    let mut log = Log::new();
    log.add("L1", &[Standing::Investigating]);
    scene.replay(&log.log).await;

    let (incident, entries) = scene.only().await;
    assert_eq!((incident.assigned_to, incident.reassignment_count), (None, 0));
    let last = entries.last().unwrap();
    assert_eq!(last.details, EntryDetails::Assigned { from: Some(scene.user("Ute").await.id), to: None });
    assert_eq!(last.message.as_ref().unwrap().as_str(), "no assignee in legacy");
}

#[tokio::test]
async fn assignees_follow_the_log_without_intermediate_assignments() {
    let scene = Scene::new();
    let mut log = Log::new();
    let (rita, rob) = (log.person("Rita"), log.person("Rob"));
    let incident = log.add("L1", &[Standing::Investigating, Standing::Investigating]);
    incident.updates[0].fields = Arc::new(LoggedFields { assigned_to: Some(rita), ..fields() });
    incident.updates[1].fields = Arc::new(LoggedFields { assigned_to: Some(rob), ..fields() });
    scene.replay(&log.log).await;

    let (incident, entries) = scene.only().await;
    let (rita, rob) = (scene.user("Rita").await.id, scene.user("Rob").await.id);
    let assignments: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry.details {
            EntryDetails::Assigned { from, to } => Some((from, to)),
            _ => None,
        })
        .collect();
    assert_eq!(assignments, [(None, Some(rita)), (Some(rita), Some(rob))]);
    assert_eq!((incident.assigned_to, incident.reassignment_count), (Some(rob), 1));
}

#[tokio::test]
async fn the_resolver_is_the_author_of_the_resolution_only() {
    let scene = Scene::new();
    let mut log = Log::new();
    let rita = log.person("Rita");
    log.add("L1", &[Standing::Open, Standing::Closed]).updates[1].resolved_by = Some(rita);
    scene.replay(&log.log).await;

    let (incident, entries) = scene.only().await;
    let (rita, ute) = (scene.user("Rita").await.id, scene.user("Ute").await.id);
    let authors: Vec<_> = entries
        .iter()
        .filter_map(|entry| match entry.details {
            EntryDetails::StatusChanged { to, .. } => Some((to, entry.actor.user().unwrap())),
            _ => None,
        })
        .collect();
    assert_eq!(authors, [(Status::Investigating, ute), (Status::Resolved, rita), (Status::Closed, ute)]);
    let resolution = incident.resolution.clone().unwrap();
    assert_eq!((resolution.code.as_str(), resolution.note.unwrap().as_str()), ("other", "rebooted"));
}

#[tokio::test]
async fn an_update_with_an_earlier_time_takes_the_previous_time_and_is_reported() {
    let scene = Scene::new();
    let mut log = Log::new();
    let incident = log.add("L1", &[Standing::Open, Standing::Investigating, Standing::Resolved, Standing::Closed]);
    incident.updates[0].at = minute_at(10);
    incident.updates[1].at = minute_at(-5);
    incident.updates[2].at = minute_at(9);
    incident.updates[3].at = minute_at(11);
    let outcome = scene.replay(&log.log).await;

    let (incident, entries) = scene.only().await;
    assert!(entries.is_sorted_by_key(|entry| entry.at));
    assert_eq!(incident.status, Status::Closed);
    assert_eq!(incident.acknowledged_at, Some(minute_at(10)));
    assert_eq!(incident.resolved_at, Some(minute_at(10)));
    assert_eq!(incident.closed_at, Some(minute_at(11)));
    let reported: Vec<_> = outcome.adjustments.iter().map(|found| (found.line, found.kind)).collect();
    assert_eq!(reported, [(2, AdjustmentKind::TimeWentBack), (3, AdjustmentKind::TimeWentBack)]);
}

#[tokio::test]
async fn entries_without_an_author_are_attributed_to_the_other_system() {
    let scene = Scene::new();
    let mut log = Log::new();
    let incident = log.add("L1", &[Standing::Investigating]);
    incident.opened_by = None;
    incident.updates[0].by = None;
    let outcome = scene.replay(&log.log).await;

    assert_eq!(outcome.people_added, 0, "people without incidents are not added");
    let (incident, entries) = scene.only().await;
    assert!(entries.iter().all(|entry| entry.actor == Actor::Integration(external("legacy"))));
    assert_eq!(incident.assigned_to, None);
}
