//! An unavailable store, and a store with constant conflicts.

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
async fn an_unavailable_store_is_reported_as_unavailable() {
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
async fn a_conflict_is_retried_a_limited_number_of_times() {
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
async fn an_unknown_incident_is_not_found() {
    let scene = Scene::new();
    let manager = scene.caller(Role::Manager).await;
    let unknown = IncidentRef::Number(IncidentNumber::new(7));
    let outcome = scene.incidents.delete(Command::new(&manager), unknown, &Precondition::None).await;
    assert!(matches!(outcome, Err(IncidentError::NotFound(Incident::KIND))), "{outcome:?}");
}
