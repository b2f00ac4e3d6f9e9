//! Comparing the keys of a process with those that sealed the timelines of the store.

use std::sync::Arc;

use incident_application::incidents::{
    ConfirmedStore, KeyChange, KeyMismatch, TimelineKeyError, TimelineKeyPorts, TimelineKeys, Unsealed,
};
use incident_domain::{
    incidents::{EntryHash, TimelineKey, TimelineKeyRepository},
    write::{ChangeSet, Store},
};

use crate::scene::{KEY, Scene};

const OTHER_KEY: &[u8] = b"another timeline key that only tests know";

fn keys(scene: &Scene, key: TimelineKey) -> TimelineKeys {
    let ports = TimelineKeyPorts {
        keys: scene.memory.clone(),
        incidents: scene.memory.clone(),
        timeline: scene.memory.clone(),
    };
    TimelineKeys::new(ports, key)
}

fn own() -> TimelineKey {
    TimelineKey::new(KEY)
}

fn other() -> TimelineKey {
    TimelineKey::new(OTHER_KEY)
}

fn mismatch(compared: Result<(), TimelineKeyError>) -> Option<KeyMismatch> {
    match compared {
        Ok(()) => None,
        Err(TimelineKeyError::Mismatch(mismatch)) => Some(mismatch),
        Err(error) => panic!("{error}"),
    }
}

async fn stored(scene: &Scene) -> usize {
    scene.memory.key_checks().await.expect("check values").len()
}

#[tokio::test]
async fn an_empty_store_gets_the_first_key() {
    let scene = Scene::new();
    assert_eq!(mismatch(keys(&scene, own()).check_for_reading().await), None);
    assert_eq!(stored(&scene).await, 0, "reading stores nothing");
    for _ in 0..2 {
        assert_eq!(mismatch(keys(&scene, own()).confirm().await), None);
        assert_eq!(mismatch(keys(&scene, other()).confirm().await), Some(KeyMismatch::OtherKey));
        assert_eq!(mismatch(keys(&scene, other()).check_for_reading().await), Some(KeyMismatch::OtherKey));
    }
    assert_eq!(stored(&scene).await, 1);
}

#[tokio::test]
async fn a_store_without_a_check_value_gets_the_key_of_its_newest_seal() {
    for seal in ["kept", "never made"] {
        let scene = Scene::new();
        let newest = scene.incidents(3).await.remove(0);
        if seal == "never made" {
            let unsealed = scene.incidents(1).await.remove(0);
            scene.unseal(&unsealed).await;
        }
        let compared = mismatch(keys(&scene, other()).confirm().await);
        assert!(
            matches!(compared, Some(KeyMismatch::DoesNotFit { number }) if number >= newest.number),
            "{compared:?}"
        );
        assert_eq!(stored(&scene).await, 0);
        assert_eq!(mismatch(keys(&scene, own()).confirm().await), None);
        assert_eq!(mismatch(keys(&scene, other()).confirm().await), Some(KeyMismatch::OtherKey));
    }
}

#[tokio::test]
async fn a_single_forged_timeline_does_not_refuse_the_key() {
    let scene = Scene::new();
    let newest = scene.incidents(3).await.remove(0);
    scene.tamper(&newest, |record| record.timeline_seal = EntryHash::new([7; 32])).await;
    assert!(mismatch(keys(&scene, other()).confirm().await).is_some());
    assert_eq!(mismatch(keys(&scene, own()).confirm().await), None);
}

#[tokio::test]
async fn a_retired_key_that_sealed_the_newest_timeline_is_the_key_of_the_store() {
    let scene = Scene::new();
    scene.incidents(2).await;
    let both = keys(&scene, other().accepting(KEY));
    assert_eq!(mismatch(both.confirm().await), Some(KeyMismatch::NotAdded));
    assert_eq!(mismatch(both.check_for_reading().await), None);
    assert_eq!(mismatch(keys(&scene, own()).confirm().await), None);
}

#[tokio::test]
async fn a_key_is_added_by_a_process_that_knows_all_others() {
    let scene = Scene::new();
    scene.incidents(2).await;
    assert_eq!(mismatch(keys(&scene, own()).confirm().await), None);
    let unknown = keys(&scene, other()).change().await;
    assert!(matches!(unknown, Err(TimelineKeyError::Mismatch(KeyMismatch::OtherKey))), "{unknown:?}");
    let both = keys(&scene, other().accepting(KEY));
    assert_eq!(both.change().await.expect("changed"), KeyChange::Added);
    assert_eq!(both.change().await.expect("changed"), KeyChange::AlreadyAdded);
    assert_eq!(stored(&scene).await, 2);
    for alone in [own(), other()] {
        let compared = mismatch(keys(&scene, alone).confirm().await);
        assert_eq!(compared, Some(KeyMismatch::MissingKeys { missing: 1 }));
    }
    assert_eq!(mismatch(keys(&scene, own().accepting(OTHER_KEY)).confirm().await), None);
}

#[tokio::test]
async fn a_store_is_written_only_with_its_key() {
    let scene = Scene::new();
    let guarded = |key| ConfirmedStore::new(scene.memory.clone(), Arc::new(keys(&scene, key)));
    let (own, other) = (guarded(own()), guarded(other()));
    own.commit(ChangeSet::new()).await.expect("the first key is that of the store");
    for _ in 0..2 {
        let refused = other.commit(ChangeSet::new()).await.expect_err("another key");
        assert!(refused.to_string().len() < 200 && !format!("{refused:?}").contains("another timeline key"));
    }
}

#[tokio::test]
async fn timelines_that_another_key_continued_are_repaired_with_both_keys() {
    let mut scene = Scene::new();
    let continued = scene.incident(2).await;
    scene.key = other();
    scene.comment(continued.clone()).await;
    scene.incident(2).await;
    scene.key = own();
    assert_eq!(scene.verify(Unsealed::Report).await.outcome.faulty, 2);

    scene.key = own().accepting(OTHER_KEY);
    let both = keys(&scene, scene.key.clone());
    assert_eq!(both.change().await.expect("changed"), KeyChange::Added);
    assert_eq!(stored(&scene).await, 2, "the newest timeline is of the other key");
    let sealed = scene.verify(Unsealed::Seal).await.outcome;
    assert_eq!((sealed.faulty, sealed.sealed), (0, 1));
    assert_eq!(scene.verify(Unsealed::Report).await.outcome.faulty, 0);
    scene.comment(scene.stored(continued.id).await).await;
    assert_eq!(scene.verify(Unsealed::Report).await.outcome.faulty, 0);
}
