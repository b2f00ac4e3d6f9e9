//! Inserting a record of any kind.

use incident_domain::{
    kernel::{
        Conflict::{self, Duplicate, Missing},
        OnDelete, UniqueKey,
    },
    write::ChangeSet,
};

use super::{Findable, Specimen, World};
use crate::{
    Harness,
    scene::{Scene, at_once, conflict},
};

/// The most ids that a repository takes at once.
const IDS_MAX: usize = 500;
/// How many callers insert the same id or the same unique value at once.
const WRITERS: usize = 16;

/// Each specimen, through another opening of the store as well; and the table of cases has every group that the
/// record's references and unique values ask for.
pub async fn every_field_is_read_as_it_was_committed<R: Specimen>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let specimens = R::specimens(&scene, &World::stored(&scene).await);
    assert_has_every_group(&specimens[0]);
    let (last, others) = specimens.split_last().expect("there are at least two");
    last.assert_is_absent(&scene.ports).await;
    scene.commit(ChangeSet::new().insert_all(others.iter().cloned())).await;
    scene.commit(ChangeSet::new().insert(last.clone())).await;
    for ports in [scene.ports.clone(), harness.open().await] {
        for specimen in &specimens {
            specimen.assert_is_stored(&ports).await;
        }
    }
}

/// In the store and within one set.
pub async fn an_id_is_used_once<R: Specimen>(harness: &dyn Harness) {
    value_is_used_once::<R>(harness, |_| vec![R::ID_KEY]).await;
}

/// Each of them, in the store and within one set.
pub async fn a_unique_value_is_used_once<R: Specimen>(harness: &dyn Harness) {
    value_is_used_once::<R>(harness, unique_keys).await;
}

async fn value_is_used_once<R: Specimen>(harness: &dyn Harness, keys_of: fn(&R) -> Vec<UniqueKey>) {
    let scene = Scene::set(harness).await;
    for key in keys_of(&R::specimens(&scene, &World::stored(&scene).await)[0]) {
        let world = World::stored(&scene).await;
        let first = R::specimens(&scene, &world).swap_remove(0);
        let second = having(&R::specimens(&scene, &world)[0], key, &first);
        let both = ChangeSet::new().insert(first.clone()).insert(second.clone());
        assert_eq!(scene.refusal(both).await, Duplicate(key), "in one set");
        first.assert_is_absent(&scene.ports).await;

        scene.commit(ChangeSet::new().insert(first.clone())).await;
        assert_eq!(scene.refusal(ChangeSet::new().insert(second.clone())).await, Duplicate(key));
        first.assert_is_stored(&scene.ports).await;
        if second.id() != first.id() {
            second.assert_is_absent(&scene.ports).await;
        }
    }
}

/// For each contradiction at either end of the set: nothing of the set is stored.
pub async fn a_refused_set_leaves_no_trace_of_it<R: Specimen>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let stored = R::specimens(&scene, &world).swap_remove(0);
    scene.commit(ChangeSet::new().insert(stored.clone())).await;
    let (events, actions) = (scene.events().await, scene.actions().await);

    for (contradiction, expected) in contradictions(&scene, &world, &stored) {
        let good = R::specimens(&scene, &world);
        let good_set = ChangeSet::new().insert_all(good.clone()).insert(scene.event()).insert(scene.action());
        for changes in [[&contradiction, &good_set], [&good_set, &contradiction]] {
            let set = changes.into_iter().flat_map(|set| set.changes().iter().cloned()).collect();
            assert_eq!(scene.refusal(set).await, expected, "{contradiction:?}");
            for specimen in &good {
                specimen.assert_is_absent(&scene.ports).await;
            }
            assert_eq!((scene.events().await, scene.actions().await), (events.clone(), actions.clone()));
        }
        // The store refused the contradiction and not the rest.
        scene.commit(ChangeSet::new().insert_all(good)).await;
    }
    stored.assert_is_stored(&scene.ports).await;
}

/// Inserts that contradict what is stored, with the conflict that each must be answered with.
pub(super) fn contradictions<R: Specimen>(scene: &Scene, world: &World, stored: &R) -> Vec<(ChangeSet, Conflict)> {
    let keys = std::iter::once(R::ID_KEY).chain(unique_keys(stored));
    let another = || R::specimens(scene, world).swap_remove(0);
    let duplicates = keys.map(|key| (having(&another(), key, stored), Duplicate(key)));
    let dangling = stored.references().into_iter().enumerate();
    let dangling = dangling.map(|(index, to)| (another().with_reference(index, scene.uuid()), Missing(to.kind)));
    duplicates.chain(dangling).map(|(record, expected)| (ChangeSet::new().insert(record), expected)).collect()
}

/// Through two openings of the store.
pub async fn of_many_inserts_of_one_id_exactly_one_succeeds<R: Specimen>(harness: &dyn Harness) {
    one_insert_succeeds::<R>(harness, |_| R::ID_KEY).await;
}

/// Through two openings of the store.
pub async fn of_many_inserts_of_one_unique_value_exactly_one_succeeds<R: Specimen>(harness: &dyn Harness) {
    one_insert_succeeds::<R>(harness, |record| unique_keys(record)[0]).await;
}

async fn one_insert_succeeds<R: Specimen>(harness: &dyn Harness, key_of: fn(&R) -> UniqueKey) {
    let scene = Scene::set(harness).await;
    let (world, other) = (World::stored(&scene).await, harness.open().await);
    let contested = R::specimens(&scene, &world).swap_remove(0);
    let key = key_of(&contested);
    let writers = (0..WRITERS).map(|index| {
        let record = having(&R::specimens(&scene, &world)[0], key, &contested);
        let store = if index % 2 == 0 { scene.ports.store.clone() } else { other.store.clone() };
        async move { (record.clone(), conflict(store.commit(ChangeSet::new().insert(record)).await)) }
    });
    let (won, lost): (Vec<_>, Vec<_>) =
        at_once(writers.collect::<Vec<_>>()).await.into_iter().partition(|(_, conflict)| conflict.is_none());
    assert_eq!(won.len(), 1);
    won[0].0.assert_is_stored(&scene.ports).await;
    for (record, conflict) in lost {
        assert_eq!(conflict, Some(Duplicate(key)));
        if record.id() != won[0].0.id() {
            record.assert_is_absent(&scene.ports).await;
        }
    }
}

/// Those that exist, each once, however many are asked for.
pub async fn the_records_that_were_asked_for_are_found<R: Findable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let mut stored = R::specimens(&scene, &world);
    stored.extend(R::specimens(&scene, &world));
    scene.commit(ChangeSet::new().insert_all(stored.clone())).await;
    let repository = R::repository(&scene.ports);
    let find = async |ids: &[R::Id]| {
        let mut found = repository.find_many(ids).await.expect("records can be read");
        found.sort_by_key(R::id);
        found
    };
    let mut asked_for = stored.split_off(1);
    let unknown = R::specimens(&scene, &world).swap_remove(0).id();
    let mut ids: Vec<_> = asked_for.iter().map(R::id).collect();
    ids.push(unknown);
    ids.extend(std::iter::repeat_n(ids[0], IDS_MAX - ids.len()));
    asked_for.sort_by_key(R::id);
    assert_eq!(find(&ids).await, asked_for);
    assert_eq!(find(&[]).await, []);
    assert_eq!(find(&[unknown]).await, []);
    assert_eq!(repository.find(unknown).await.expect("records can be read"), None);
}

/// Returns a record with a value of another one, after a check that it has it.
pub(super) fn having<R: Specimen>(record: &R, key: UniqueKey, other: &R) -> R {
    let record = record.clone().with_value_of(key, other);
    if key == R::ID_KEY {
        assert_eq!(record.id(), other.id(), "`with_value_of` does not know the id of a {}", R::KIND);
    } else {
        let value = |record: &R| record.unique_values().into_iter().find(|value| value.key == key);
        assert_eq!(value(&record), value(other), "`with_value_of` does not know the {key} of a {}", R::KIND);
        assert_ne!(record.id(), other.id(), "it takes the {key} only");
    }
    record
}

/// Returns the unique keys of which a record has a value.
pub(super) fn unique_keys<R: Specimen>(record: &R) -> Vec<UniqueKey> {
    record.unique_values().into_iter().map(|value| value.key).collect()
}

/// Requires that the table of cases has the groups that the record's unique values and references ask for.
fn assert_has_every_group<R: Specimen>(fullest: &R) {
    let has = |on_delete| fullest.references().iter().any(|reference| reference.on_delete == on_delete);
    for (group, is_needed) in [
        ("unique", !fullest.unique_values().is_empty()),
        ("referring", !fullest.references().is_empty()),
        ("restricted", has(OnDelete::Restrict)),
        ("owned", has(OnDelete::Cascade)),
        ("weak", has(OnDelete::Clear)),
    ] {
        assert_eq!(R::GROUPS.contains(&group), is_needed, "does the table of cases list `{group}` for {}?", R::KIND);
    }
}
