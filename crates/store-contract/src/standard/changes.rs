//! Updating, expecting and deleting a record of any kind that can be changed.

use incident_domain::{
    kernel::{
        Conflict::{Duplicate, Missing, Stale},
        Version,
    },
    write::{ChangeSet, Editable},
};

use super::{Changeable, World, inserts};
use crate::{
    Harness,
    scene::{Scene, at_once, conflict},
};

/// How many callers change one version at once.
const WRITERS: usize = 32;

/// From each specimen to the next, unique values included; other records stay as they are.
pub async fn an_update_stores_every_field<R: Changeable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let (bystander, mut stored): (R, R) = (specimen(&scene, &world), specimen(&scene, &world));
    scene.commit(ChangeSet::new().insert(bystander.clone()).insert(stored.clone())).await;
    for updated in R::specimens(&scene, &world).into_iter().rev() {
        let updated = updated.with_value_of(R::ID_KEY, &stored);
        scene.commit(updated.clone().update(&stored)).await;
        updated.assert_is_stored(&scene.ports).await;
        stored = updated;
    }
    bystander.assert_is_stored(&scene.ports).await;
}

/// Updates and deletions that expect an earlier version, a later one, the first and the last.
pub async fn a_change_that_expects_another_version_is_stale<R: Changeable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let stored = specimen::<R>(&scene, &world).with_version(Version::new(7));
    scene.commit(ChangeSet::new().insert(stored.clone())).await;
    for version in [0, 1, 6, 8, u32::MAX - 1] {
        let read = stored.clone().with_version(Version::new(version));
        for change in [changed(&scene, &world, &read).update(&read), read.delete()] {
            assert_eq!(scene.refusal(change).await, Stale, "version {version}");
            stored.assert_is_stored(&scene.ports).await;
        }
    }
    scene.commit(stored.delete()).await;
}

/// Neither one that never existed nor one that was deleted.
pub async fn a_change_of_what_does_not_exist_is_missing<R: Changeable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let (never, deleted): (R, R) = (specimen(&scene, &world), specimen(&scene, &world));
    scene.commit(ChangeSet::new().insert(deleted.clone())).await;
    scene.commit(deleted.delete()).await;
    for record in [never, deleted] {
        for change in [changed(&scene, &world, &record).update(&record), record.delete()] {
            assert_eq!(scene.refusal(change).await, Missing(R::KIND));
            record.assert_is_absent(&scene.ports).await;
        }
    }
}

/// A set with an expectation that holds changes nothing by it; one that does not hold refuses the whole set, at
/// any index.
pub async fn an_expectation_guards_a_set_and_changes_nothing<R: Changeable + Editable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let (stored, never): (R, R) = (specimen(&scene, &world), specimen(&scene, &world));
    scene.commit(ChangeSet::new().insert(stored.clone())).await;
    let outdated = stored.clone().with_version(Version::new(77));
    for (unmet, expected) in [(&outdated, Stale), (&never, Missing(R::KIND))] {
        for set in [
            ChangeSet::new().expect(unmet).insert(scene.event()),
            ChangeSet::new().insert(scene.event()).expect(&stored).expect(unmet),
        ] {
            assert_eq!(scene.refusal(set).await, expected);
            assert_eq!(scene.events().await, []);
        }
    }
    scene.commit(ChangeSet::new().expect(&stored).insert(scene.event()).expect(&stored)).await;
    assert_eq!(scene.events().await.len(), 1);
    stored.assert_is_stored(&scene.ports).await;
    never.assert_is_absent(&scene.ports).await;
}

/// In a later set and in the same one.
pub async fn a_deletion_frees_the_id_and_the_unique_values<R: Changeable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let record: R = specimen(&scene, &world);
    let insert = ChangeSet::new().insert(record.clone());
    scene.commit(insert.clone()).await;
    scene.commit(record.delete()).await;
    record.assert_is_absent(&scene.ports).await;
    scene.commit(insert).await;
    record.assert_is_stored(&scene.ports).await;

    let replacement = having_all_values_of(specimen(&scene, &world), &record);
    scene.commit(record.delete().insert(replacement.clone())).await;
    replacement.assert_is_stored(&scene.ports).await;
}

/// An update finds what an insert of the same set made, and a deletion what an update made.
pub async fn each_change_builds_on_those_before_it<R: Changeable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let first: R = specimen(&scene, &world);
    let second = changed(&scene, &world, &first);
    let insert_and_update = together([ChangeSet::new().insert(first.clone()), second.clone().update(&first)]);
    scene.commit(together([insert_and_update.clone(), second.delete()])).await;
    second.assert_is_absent(&scene.ports).await;
    scene.commit(insert_and_update).await;
    second.assert_is_stored(&scene.ports).await;

    let third = changed(&scene, &world, &second);
    let stale = together([third.clone().update(&second), second.delete()]);
    assert_eq!(scene.refusal(stale).await, Stale, "the set itself made another version");
    second.assert_is_stored(&scene.ports).await;
}

/// Through two openings of the store; the others are stale.
pub async fn of_many_changes_of_one_version_exactly_one_succeeds<R: Changeable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (world, other) = (World::stored(&scene).await, harness.open().await);
    let mut stored = specimen::<R>(&scene, &world).with_version(Version::FIRST);
    scene.commit(ChangeSet::new().insert(stored.clone())).await;
    for round in 0..3 {
        let writers: Vec<_> = (0..WRITERS)
            .map(|index| {
                let updated = changed(&scene, &world, &stored);
                let set = updated.clone().update(&stored);
                let store = if index % 2 == 0 { scene.ports.store.clone() } else { other.store.clone() };
                async move { (updated, conflict(store.commit(set).await)) }
            })
            .collect();
        let (won, lost): (Vec<_>, Vec<_>) =
            at_once(writers).await.into_iter().partition(|(_, conflict)| conflict.is_none());
        assert_eq!(won.len(), 1, "round {round}");
        assert!(lost.iter().all(|(_, conflict)| *conflict == Some(Stale)), "round {round}");
        stored = won[0].0.clone();
        stored.assert_is_stored(&scene.ports).await;
    }
}

/// For each contradiction at each index of the set: nothing of the set is stored.
pub async fn a_refused_change_leaves_no_trace<R: Changeable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let [updated, deleted, bystander, inserted, never]: [R; 5] = std::array::from_fn(|_| specimen(&scene, &world));
    let stored = [&updated, &deleted, &bystander];
    scene.commit(ChangeSet::new().insert_all(stored.into_iter().cloned())).await;
    let outdated = bystander.clone().with_version(Version::new(77));
    let mut contradictions = vec![
        (outdated.clone().update(&outdated), Stale),
        (outdated.delete(), Stale),
        (never.clone().update(&never), Missing(R::KIND)),
        (never.delete(), Missing(R::KIND)),
    ];
    contradictions.extend(inserts::contradictions(&scene, &world, &bystander));
    let update = changed(&scene, &world, &updated).update(&updated);
    let good = [update, deleted.delete(), ChangeSet::new().insert(inserted.clone())];
    for (contradiction, expected) in contradictions {
        for place in 0..=good.len() {
            let mut sets = good.to_vec();
            sets.insert(place, contradiction.clone());
            assert_eq!(scene.refusal(together(sets)).await, expected, "{contradiction:?} at {place}");
            for record in stored {
                record.assert_is_stored(&scene.ports).await;
            }
            inserted.assert_is_absent(&scene.ports).await;
        }
    }
    // The store refused the contradictions and not the rest.
    scene.commit(together(good)).await;
}

/// A record keeps its own values; those of another are refused, and those that it gives up are free.
pub async fn an_update_takes_no_unique_value_of_another<R: Changeable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let (first, second): (R, R) = (specimen(&scene, &world), specimen(&scene, &world));
    scene.commit(ChangeSet::new().insert(first.clone()).insert(second.clone())).await;
    let keys = inserts::unique_keys(&first);
    for key in &keys {
        let update = inserts::having(&second, *key, &first).update(&second);
        assert_eq!(scene.refusal(update).await, Duplicate(*key));
        second.assert_is_stored(&scene.ports).await;
    }
    scene.commit(second.clone().update(&second)).await;
    let moved = changed(&scene, &world, &first);
    scene.commit(moved.clone().update(&first)).await;
    let successor = keys.iter().fold(second.clone(), |record, key| record.with_value_of(*key, &first));
    scene.commit(successor.clone().update(&second)).await;
    successor.assert_is_stored(&scene.ports).await;
    let late = ChangeSet::new().insert(inserts::having(&specimen(&scene, &world), keys[0], &moved));
    assert_eq!(scene.refusal(late).await, Duplicate(keys[0]));
}

fn specimen<R: Changeable>(scene: &Scene, world: &World) -> R {
    R::specimens(scene, world).swap_remove(0)
}

/// Returns a record as a change leaves it, with other unique values and the next version.
fn changed<R: Changeable>(scene: &Scene, world: &World, read: &R) -> R {
    let version = Version::new(read.version().get() % u32::MAX + 1);
    specimen::<R>(scene, world).with_value_of(R::ID_KEY, read).with_version(version)
}

fn having_all_values_of<R: Changeable>(record: R, other: &R) -> R {
    let record = record.with_value_of(R::ID_KEY, other);
    inserts::unique_keys(other).into_iter().fold(record, |record, key| record.with_value_of(key, other))
}

fn together(sets: impl IntoIterator<Item = ChangeSet>) -> ChangeSet {
    sets.into_iter().flat_map(ChangeSet::into_changes).collect()
}
