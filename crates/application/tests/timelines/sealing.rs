//! Sealing ends that were written before ends were sealed.

use incident_application::incidents::{TimelinesEnd, Unsealed};
use incident_domain::{
    incidents::{EntryHash, Incident, IncidentId, Stamp},
    kernel::{Action, ActionFilter, ActionRepository, Actor, Direction, Outcome, PageRequest, PageSize, Repository},
    write::ChangeSet,
};

use crate::{
    odd::{Meanwhile, Odd},
    scene::{Scene, note},
};

async fn actions(scene: &Scene) -> Vec<Action> {
    let page = PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).expect("a size") };
    let filter = ActionFilter { kind: Some("timeline.seal".to_owned()), ..ActionFilter::default() };
    ActionRepository::list(&*scene.memory, &filter, Direction::Descending, page).await.expect("readable").items
}

#[tokio::test]
async fn an_end_without_a_seal_gets_one_and_nothing_else_changes() {
    let scene = Scene::new();
    let incidents = scene.incidents(20).await;
    for incident in &incidents[5..] {
        scene.unseal(incident).await;
    }
    let told = scene.verify(Unsealed::Seal).await;
    assert!(matches!(told.outcome.end, TimelinesEnd::Complete), "{:?}", told.outcome);
    assert_eq!((told.outcome.checked, told.outcome.faulty, told.outcome.sealed), (20, 0, 15));
    assert_eq!(told.findings, []);
    for incident in &incidents {
        assert_eq!(scene.stored(incident.id).await, *incident, "it is as it was when it was sealed");
    }
    let actions = actions(&scene).await;
    assert_eq!(actions.len(), 15);
    assert!(actions.iter().all(|action| action.actor == Actor::System && action.outcome == Outcome::Done));
    assert!(actions.iter().any(|action| action.target == format!("incident:{}", incidents[5].id)));

    let again = scene.verify(Unsealed::Seal).await;
    assert_eq!((again.outcome.checked, again.outcome.faulty, again.outcome.sealed), (20, 0, 0));
}

#[tokio::test]
async fn what_lacks_more_than_a_seal_is_not_sealed() {
    let scene = Scene::new();
    let incidents = scene.incidents(4).await;
    let none = EntryHash::NONE;
    scene.tamper(&incidents[0], |record| (record.timeline_length, record.timeline_seal) = (1, none)).await;
    scene.tamper(&incidents[1], |record| (record.timeline_hash, record.timeline_seal) = (none, none)).await;
    scene.tamper(&incidents[2], |record| record.timeline_seal = EntryHash::new([9; 32])).await;
    let told = scene.verify(Unsealed::Seal).await;
    assert_eq!((told.outcome.checked, told.outcome.faulty, told.outcome.sealed), (4, 3, 0));
    assert_eq!(actions(&scene).await, []);
}

/// Lets a remark in before each of the next commits.
fn remarks(scene: &Scene, count: usize, id: IncidentId) -> Vec<Meanwhile> {
    let (memory, key) = (scene.memory.clone(), scene.key.clone());
    let (clock, ids) = (scene.ports.clock.clone(), scene.ports.ids.clone());
    let remark = move || -> Meanwhile {
        let (memory, key, clock, ids) = (memory.clone(), key.clone(), clock.clone(), ids.clone());
        Box::new(move || {
            let found = Repository::<Incident>::find(&*memory, id);
            let incident = futures::executor::block_on(found).expect("readable").expect("it is there");
            let stamp = Stamp { actor: &Actor::System, at: clock.now(), ids: &*ids, key: &key };
            ChangeSet::new().revise(incident.revise().comment(note("meanwhile"), &stamp))
        })
    };
    (0..count).map(|_| remark()).collect()
}

#[tokio::test]
async fn a_seal_that_comes_too_late_is_decided_anew() {
    let mut scene = Scene::new();
    let incident = scene.incident(2).await;
    scene.unseal(&incident).await;
    let meanwhile = remarks(&scene, 3, incident.id).into();
    scene.with(Odd { meanwhile, ..Odd::default() });
    let told = scene.verify(Unsealed::Seal).await;
    assert_eq!((told.outcome.faulty, told.outcome.sealed, told.outcome.entries_whole), (0, 1, 5));
    assert_eq!(actions(&scene).await.len(), 1, "what was refused left no trace");
    assert_eq!(scene.verify(Unsealed::Report).await.outcome.faulty, 0);
}

#[tokio::test]
async fn an_incident_that_somebody_writes_to_all_the_time_is_told_to_be_unsealed() {
    let mut scene = Scene::new();
    let incident = scene.incident(2).await;
    scene.unseal(&incident).await;
    let meanwhile = remarks(&scene, 1_000, incident.id).into();
    scene.with(Odd { meanwhile, ..Odd::default() });
    let told = scene.verify(Unsealed::Seal).await;
    assert!(matches!(told.outcome.end, TimelinesEnd::Complete), "{:?}", told.outcome);
    assert_eq!((told.outcome.faulty, told.outcome.unsealed, told.outcome.sealed), (1, 1, 0));
    assert_eq!(told.outcome.entries_whole, 10, "eight attempts are enough");
}
