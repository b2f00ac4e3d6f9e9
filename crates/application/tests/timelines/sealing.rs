//! Sealing the ends of timelines that older releases wrote without a seal.

use incident_application::incidents::{TimelinesEnd, Unsealed};
use incident_domain::{
    incidents::{EntryHash, Incident, IncidentId, Stamp},
    kernel::{Action, ActionFilter, ActionRepository, Actor, Direction, Outcome, PageRequest, PageSize, Repository},
    write::ChangeSet,
};

use crate::{
    faulty_store::{BeforeCommit, FaultyStore},
    scene::{Scene, note},
};

async fn actions(scene: &Scene) -> Vec<Action> {
    let page = PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).expect("a size") };
    let filter = ActionFilter { kind: Some("timeline.seal".to_owned()), ..ActionFilter::default() };
    ActionRepository::list(&*scene.memory, &filter, Direction::Descending, page).await.expect("readable").items
}

#[tokio::test]
async fn an_unsealed_end_is_sealed_and_nothing_else_changes() {
    let scene = Scene::new();
    let incidents = scene.incidents(20).await;
    for incident in &incidents[5..] {
        scene.unseal(incident).await;
    }
    let report = scene.verify(Unsealed::Seal).await;
    assert!(matches!(report.outcome.end, TimelinesEnd::Complete), "{:?}", report.outcome);
    assert_eq!((report.outcome.checked, report.outcome.faulty, report.outcome.sealed), (20, 0, 15));
    assert_eq!(report.findings, []);
    for incident in &incidents {
        assert_eq!(scene.stored(incident.id).await, *incident, "the incident equals its originally sealed state");
    }
    let actions = actions(&scene).await;
    assert_eq!(actions.len(), 15);
    assert!(actions.iter().all(|action| action.actor == Actor::System && action.outcome == Outcome::Done));
    assert!(actions.iter().any(|action| action.target == format!("incident:{}", incidents[5].id)));

    let again = scene.verify(Unsealed::Seal).await;
    assert_eq!((again.outcome.checked, again.outcome.faulty, again.outcome.sealed), (20, 0, 0));
}

#[tokio::test]
async fn a_timeline_with_other_faults_is_not_sealed() {
    let scene = Scene::new();
    let incidents = scene.incidents(4).await;
    let none = EntryHash::NONE;
    scene.tamper(&incidents[0], |record| (record.timeline_length, record.timeline_seal) = (1, none)).await;
    scene.tamper(&incidents[1], |record| (record.timeline_hash, record.timeline_seal) = (none, none)).await;
    scene.tamper(&incidents[2], |record| record.timeline_seal = EntryHash::new([9; 32])).await;
    let report = scene.verify(Unsealed::Seal).await;
    assert_eq!((report.outcome.checked, report.outcome.faulty, report.outcome.sealed), (4, 3, 0));
    assert_eq!(actions(&scene).await, []);
}

/// Returns concurrent changes that each add a comment to the incident.
fn concurrent_comments(scene: &Scene, count: usize, id: IncidentId) -> Vec<BeforeCommit> {
    let (memory, key) = (scene.memory.clone(), scene.key.clone());
    let (clock, ids) = (scene.ports.clock.clone(), scene.ports.ids.clone());
    let comment = move || -> BeforeCommit {
        let (memory, key, clock, ids) = (memory.clone(), key.clone(), clock.clone(), ids.clone());
        Box::new(move || {
            let found = Repository::<Incident>::find(&*memory, id);
            let incident = futures::executor::block_on(found).expect("readable").expect("it is there");
            let stamp = Stamp { actor: &Actor::System, at: clock.now(), ids: &*ids, key: &key };
            ChangeSet::new().revise(incident.revise().comment(note("concurrent"), &stamp))
        })
    };
    (0..count).map(|_| comment()).collect()
}

#[tokio::test]
async fn a_seal_that_conflicts_with_a_concurrent_change_is_retried() {
    let mut scene = Scene::new();
    let incident = scene.incident(2).await;
    scene.unseal(&incident).await;
    let before_commits = concurrent_comments(&scene, 3, incident.id).into();
    scene.install(FaultyStore { before_commits, ..FaultyStore::default() });
    let report = scene.verify(Unsealed::Seal).await;
    assert_eq!((report.outcome.faulty, report.outcome.sealed, report.outcome.entries_whole), (0, 1, 5));
    assert_eq!(actions(&scene).await.len(), 1, "refused attempts leave no trace");
    assert_eq!(scene.verify(Unsealed::Report).await.outcome.faulty, 0);
}

#[tokio::test]
async fn an_incident_under_constant_change_is_reported_as_unsealed() {
    let mut scene = Scene::new();
    let incident = scene.incident(2).await;
    scene.unseal(&incident).await;
    let before_commits = concurrent_comments(&scene, 1_000, incident.id).into();
    scene.install(FaultyStore { before_commits, ..FaultyStore::default() });
    let report = scene.verify(Unsealed::Seal).await;
    assert!(matches!(report.outcome.end, TimelinesEnd::Complete), "{:?}", report.outcome);
    assert_eq!((report.outcome.faulty, report.outcome.unsealed, report.outcome.sealed), (1, 1, 0));
    assert_eq!(report.outcome.entries_whole, 10, "sealing gives up after eight attempts");
}
