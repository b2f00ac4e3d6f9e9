//! Who can be assigned.

use incident_application::{
    incidents::{IncidentChange, IncidentError, IncidentRef, IncidentRule},
    kernel::{Command, Precondition},
};
use incident_domain::{
    identity::Role,
    incidents::IncidentPatch,
    kernel::{IdGenerator, Patch, UserId},
};

use crate::scene::{Scene, new_incident};

#[tokio::test]
async fn an_inactive_or_unknown_user_cannot_be_assigned() {
    let scene = Scene::new();
    let manager = scene.caller(Role::Manager).await;
    let incident = IncidentRef::Id(scene.open(&manager).await.id);
    let inactive = scene.user(Role::Responder, false).await.id;
    let unknown = UserId::new(scene.ids.next_id());
    for user in [inactive, unknown] {
        let opened = scene.incidents.open(Command::new(&manager), new_incident(Some(user))).await;
        assert!(matches!(opened, Err(IncidentError::Rule(IncidentRule::UnknownAssignee))), "{opened:?}");
        let patch = IncidentPatch { assigned_to: Patch::Set(user), ..IncidentPatch::default() };
        let change = IncidentChange { patch, ..IncidentChange::default() };
        let changed = scene.incidents.change(Command::new(&manager), incident, &change, &Precondition::None).await;
        assert!(matches!(changed, Err(IncidentError::Rule(IncidentRule::UnknownAssignee))), "{changed:?}");
    }
}

#[tokio::test]
async fn the_reporter_is_the_caller_who_opens_the_incident() {
    let scene = Scene::new();
    let responder = scene.caller(Role::Responder).await;
    let other = scene.user(Role::Responder, true).await.id;
    let mut new = new_incident(None);
    new.reported_by = Some(other);
    let opened = scene.incidents.open(Command::new(&responder), new).await.expect("opened");
    assert_eq!(opened.reported_by, responder.user_id());
}
