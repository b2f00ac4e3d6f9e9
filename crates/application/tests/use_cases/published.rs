//! The published events and the audited actions of incident changes.

use incident_application::{
    incidents::IncidentRef,
    kernel::{Command, Precondition},
};
use incident_domain::{
    identity::Role,
    incidents::Status,
    kernel::{EventLog, Note},
};

use crate::scene::{Scene, to};

#[tokio::test]
async fn every_change_leaves_its_events_and_one_action() {
    let scene = Scene::new();
    let manager = scene.caller(Role::Manager).await;
    let incident = IncidentRef::Id(scene.open(&manager).await.id);
    let (incidents, none) = (&scene.incidents, Precondition::None);
    incidents.change(Command::new(&manager), incident, &to(Status::Investigating), &none).await.expect("acknowledged");
    incidents.comment(Command::new(&manager), incident, &Note::parse("hello").expect("text")).await.expect("commented");
    incidents.change(Command::new(&manager), incident, &to(Status::Resolved), &none).await.expect("resolved");
    incidents.delete(Command::new(&manager), incident, &none).await.expect("deleted");

    let events = scene.store.after(0, 100).await.expect("events");
    let shown: Vec<String> =
        events.iter().map(|logged| format!("{}\n{}", logged.event.kind, pretty(&logged.event.payload))).collect();
    insta::assert_snapshot!(shown.join("\n\n"));

    let actions = scene.actions().await;
    let kinds: Vec<&str> = actions.iter().map(|action| action.kind.as_str()).collect();
    assert_eq!(
        kinds,
        ["incident.delete", "incident.transition", "incident.comment", "incident.transition", "incident.open"]
    );
}

#[tokio::test]
async fn a_refused_change_leaves_no_event_and_no_entry() {
    let scene = Scene::new();
    let manager = scene.caller(Role::Manager).await;
    let incident = IncidentRef::Id(scene.open(&manager).await.id);
    let before = scene.store.after(0, 100).await.expect("events").len();
    let refused =
        scene.incidents.change(Command::new(&manager), incident, &to(Status::Closed), &Precondition::None).await;
    assert!(refused.is_err());
    assert_eq!(scene.store.after(0, 100).await.expect("events").len(), before);
    assert_eq!(scene.incidents.timeline(&manager, incident, 0, 10).await.expect("a timeline").total, 1);
}

fn pretty(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
    serde_json::to_string_pretty(&value).expect("JSON")
}
