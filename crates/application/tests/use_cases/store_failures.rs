//! A store that is away, or that others keep changing.

use std::sync::Arc;

use incident_application::{
    incidents::{IncidentError, IncidentRef, Incidents},
    kernel::{Command, Precondition},
};
use incident_domain::{
    identity::Role,
    incidents::{Incident, IncidentNumber, Status, TimelineKey},
    kernel::{Conflict, Record as _, StoreError},
    write::{CommitError, MockStore},
};

use crate::scene::{KEY, Scene, to};

fn with_store(scene: &Scene, store: MockStore) -> Incidents {
    let runner = scene.runner_over(Arc::new(store));
    Incidents::new(runner, Scene::ports(&scene.store), TimelineKey::new(KEY))
}

#[tokio::test]
async fn a_store_that_is_away_is_said_to_be_away() {
    let scene = Scene::new();
    let manager = scene.caller(Role::Manager).await;
    let incident = scene.at(Status::Open).await;
    let mut store = MockStore::new();
    store.expect_commit().times(1).returning(|_| Err(CommitError::Unavailable(StoreError::unavailable("down"))));
    let change = to(Status::Investigating);
    let outcome =
        with_store(&scene, store).change(Command::new(&manager), incident, &change, &Precondition::None).await;
    assert!(matches!(outcome, Err(IncidentError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_conflict_is_decided_anew_and_others_being_faster_for_ever_is_given_up() {
    let scene = Scene::new();
    let manager = scene.caller(Role::Manager).await;
    let incident = scene.at(Status::Open).await;
    let mut store = MockStore::new();
    store.expect_commit().times(256).returning(|_| Err(CommitError::Conflict(Conflict::Stale)));
    let change = to(Status::Investigating);
    let outcome =
        with_store(&scene, store).change(Command::new(&manager), incident, &change, &Precondition::None).await;
    assert!(matches!(outcome, Err(IncidentError::Contended)), "{outcome:?}");
}

#[tokio::test]
async fn an_incident_that_is_not_there_is_not_found() {
    let scene = Scene::new();
    let manager = scene.caller(Role::Manager).await;
    let nothing = IncidentRef::Number(IncidentNumber::new(7));
    let outcome = scene.incidents.delete(Command::new(&manager), nothing, &Precondition::None).await;
    assert!(matches!(outcome, Err(IncidentError::NotFound(Incident::KIND))), "{outcome:?}");
}
