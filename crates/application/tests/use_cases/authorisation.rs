//! The least role for each operation on incidents, as in the design's table.

use incident_application::{
    incidents::{IncidentChange, IncidentError},
    kernel::{Command, Forbidden, Precondition, Principal},
};
use incident_domain::{
    identity::Role,
    incidents::{IncidentFilter, IncidentPatch, IncidentSort, Status},
    kernel::{Note, PageRequest, PageSize, Patch, Title},
};

use crate::scene::{Scene, id_of, new_incident, to};

/// The operations, each with the least role that permits it.
const LEAST: &[(&str, Role)] = &[
    ("read", Role::Viewer),
    ("list", Role::Viewer),
    ("read the timeline", Role::Viewer),
    ("open", Role::Responder),
    ("comment", Role::Responder),
    ("amend", Role::Responder),
    ("acknowledge", Role::Responder),
    ("resolve", Role::Responder),
    ("reopen resolved", Role::Responder),
    ("assign to oneself", Role::Responder),
    ("assign to another", Role::Manager),
    ("open for another", Role::Manager),
    ("take from another", Role::Manager),
    ("close", Role::Manager),
    ("reopen closed", Role::Manager),
    ("delete", Role::Manager),
];

async fn attempt(scene: &Scene, caller: &Principal, what: &str) -> Result<(), IncidentError> {
    let incidents = &scene.incidents;
    let none = Precondition::None;
    let amend = |patch| IncidentChange { patch, ..IncidentChange::default() };
    let assign = |assigned_to| amend(IncidentPatch { assigned_to, ..IncidentPatch::default() });
    let page = PageRequest::After { cursor: None, size: PageSize::DEFAULT };
    let change = async |status, change: &IncidentChange| {
        let incident = scene.at(status).await;
        incidents.change(Command::new(caller), incident, change, &none).await.map(drop)
    };
    match what {
        "read" => Ok(incidents.get(caller, scene.at(Status::Open).await).await.map(drop)?),
        "list" => {
            Ok(incidents.list(caller, &IncidentFilter::default(), IncidentSort::default(), page).await.map(drop)?)
        }
        "read the timeline" => Ok(incidents.timeline(caller, scene.at(Status::Open).await, 0, 1).await.map(drop)?),
        "open" => incidents.open(Command::new(caller), new_incident(None)).await.map(drop),
        "comment" => {
            let text = Note::parse("hello").expect("a remark");
            incidents.comment(Command::new(caller), scene.at(Status::Open).await, &text).await.map(drop)
        }
        "amend" => {
            let title = Some(Title::parse("another").expect("a title"));
            change(Status::Open, &amend(IncidentPatch { title, ..IncidentPatch::default() })).await
        }
        "acknowledge" => change(Status::Open, &to(Status::Investigating)).await,
        "resolve" => change(Status::Investigating, &to(Status::Resolved)).await,
        "reopen resolved" => change(Status::Resolved, &to(Status::Investigating)).await,
        "close" => change(Status::Resolved, &to(Status::Closed)).await,
        "reopen closed" => change(Status::Closed, &to(Status::Investigating)).await,
        "assign to oneself" => change(Status::Open, &assign(Patch::Set(id_of(caller)))).await,
        "assign to another" => {
            let other = scene.user(Role::Responder, true).await;
            change(Status::Open, &assign(Patch::Set(other.id))).await
        }
        "open for another" => {
            let other = scene.user(Role::Responder, true).await;
            incidents.open(Command::new(caller), new_incident(Some(other.id))).await.map(drop)
        }
        // An incident under investigation is assigned to the user who acknowledged it.
        "take from another" => change(Status::Investigating, &assign(Patch::Clear)).await,
        "delete" => incidents.delete(Command::new(caller), scene.at(Status::Open).await, &none).await,
        other => panic!("unknown operation: {other}"),
    }
}

#[tokio::test]
async fn each_role_permits_exactly_the_operations_of_the_design() {
    let scene = Scene::new();
    for (what, least) in LEAST {
        for role in Role::ALL {
            let caller = scene.caller(*role).await;
            let outcome = attempt(&scene, &caller, what).await;
            if role >= least {
                assert!(outcome.is_ok(), "{role} may {what}: {outcome:?}");
            } else {
                let needed = match outcome {
                    Err(IncidentError::Forbidden(Forbidden::Role { needed })) => needed,
                    other => panic!("{role} may not {what}: {other:?}"),
                };
                assert!(needed > *role, "{role} may not {what}, but the error names {needed}");
            }
        }
    }
}
