//! What a record of any kind refers to.

use incident_domain::{
    kernel::{
        Conflict::{InUse, Missing},
        OnDelete, Reference,
    },
    write::ChangeSet,
};

use super::{Changeable, Specimen, World};
use crate::{Harness, scene::Scene};

/// Each reference of a new record.
pub async fn a_reference_to_what_does_not_exist_is_refused<R: Specimen>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    for (index, reference) in R::specimens(&scene, &world)[0].references().into_iter().enumerate() {
        let record = referring_to(R::specimens(&scene, &world).swap_remove(0), index, scene.uuid());
        let insert = ChangeSet::new().insert(record.clone());
        assert_eq!(scene.refusal(insert).await, Missing(reference.kind), "reference {index}");
        record.assert_is_absent(&scene.ports).await;
    }
}

/// Each reference of a record that is changed.
pub async fn an_update_refers_only_to_what_exists<R: Changeable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let world = World::stored(&scene).await;
    let stored = R::specimens(&scene, &world).swap_remove(0);
    scene.commit(ChangeSet::new().insert(stored.clone())).await;
    for (index, reference) in stored.references().into_iter().enumerate() {
        let update = referring_to(stored.clone(), index, scene.uuid()).update(&stored);
        assert_eq!(scene.refusal(update).await, Missing(reference.kind), "reference {index}");
        stored.assert_is_stored(&scene.ports).await;
    }
}

/// By each reference, until the record is deleted.
pub async fn a_record_that_it_refers_to_is_not_deleted<R: Changeable>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for Referring { world, record, reference, bystander } in referring::<R>(&scene, OnDelete::Restrict).await {
        assert_eq!(scene.refusal(world.deletion_of(&reference)).await, InUse(reference.kind));
        record.assert_is_stored(&scene.ports).await;
        scene.commit(record.delete()).await;
        scene.commit(world.deletion_of(&reference)).await;
        assert_does_not_exist::<R>(&scene, &record, &reference).await;
        bystander.assert_is_stored(&scene.ports).await;
    }
}

/// With the record that it belongs to, and with no other; after that nothing can be inserted for the owner.
pub async fn it_is_deleted_with_its_owner<R: Specimen>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for Referring { world, record, reference, bystander } in referring::<R>(&scene, OnDelete::Cascade).await {
        scene.commit(world.deletion_of(&reference)).await;
        record.assert_is_absent(&scene.ports).await;
        assert_does_not_exist::<R>(&scene, &record, &reference).await;
        bystander.assert_is_stored(&scene.ports).await;
    }
}

/// The record stays, with its version and all its other fields.
pub async fn a_reference_to_a_deleted_record_is_emptied<R: Specimen>(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for Referring { world, record, reference, bystander } in referring::<R>(&scene, OnDelete::Clear).await {
        scene.commit(world.deletion_of(&reference)).await;
        let emptied = record.without_reference(&reference);
        assert!(!emptied.references().contains(&reference), "`without_reference` of a {} empties nothing", R::KIND);
        emptied.assert_is_stored(&scene.ports).await;
        bystander.assert_is_stored(&scene.ports).await;
    }
}

/// A stored record with one reference to a world of its own, and one that refers to other records only.
struct Referring<R> {
    world: World,
    record: R,
    reference: Reference,
    bystander: R,
}

/// Stores a record for each reference that does this when its target is deleted.
async fn referring<R: Specimen>(scene: &Scene, on_delete: OnDelete) -> Vec<Referring<R>> {
    let mut stored = Vec::new();
    let references = R::specimens(scene, &World::stored(scene).await)[0].references().len();
    for index in 0..references {
        let (world, elsewhere) = (World::stored(scene).await, World::stored(scene).await);
        let reference = R::specimens(scene, &world)[0].references()[index];
        if reference.on_delete != on_delete {
            continue;
        }
        let record = referring_to(R::specimens(scene, &elsewhere).swap_remove(0), index, reference.id);
        let bystander = R::specimens(scene, &elsewhere).swap_remove(0);
        scene.commit(ChangeSet::new().insert(record.clone()).insert(bystander.clone())).await;
        stored.push(Referring { world, record, reference, bystander });
    }
    assert!(!stored.is_empty(), "a {} has no such reference", R::KIND);
    stored
}

/// Returns a record with another target of one reference, after a check that only that reference is another.
fn referring_to<R: Specimen>(record: R, index: usize, id: uuid::Uuid) -> R {
    let mut expected = record.references();
    expected[index].id = id;
    let record = record.with_reference(index, id);
    assert_eq!(record.references(), expected, "`with_reference` changes reference {index} of a {}", R::KIND);
    record
}

async fn assert_does_not_exist<R: Specimen>(scene: &Scene, record: &R, reference: &Reference) {
    let insert = ChangeSet::new().insert(record.clone());
    assert_eq!(scene.refusal(insert).await, Missing(reference.kind), "it was deleted");
}
