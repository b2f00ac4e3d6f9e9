//! Storing and reading saved views.

use incident_domain::{
    identity::User,
    kernel::{
        Conflict::{Duplicate, Missing, Stale},
        Record as _, UniqueKey, UserId, Version,
    },
    work::{SavedView, SavedViewId, ViewedList},
    write::ChangeSet,
};

use crate::{
    Harness, full,
    scene::{Scene, label},
};

/// Of each list, with every field filled.
pub async fn a_saved_view_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let mut views = full::saved_views(&scene, user.id);
    views.extend([" a ", "b", "B", "%"].map(|name| scene.saved_view_of(user.id, name)));
    for view in &views {
        scene.commit(ChangeSet::new().insert(view.clone())).await;
        assert_eq!(scene.read_saved_view(view.id).await.as_ref(), Some(view));
    }
    assert_eq!(of_user(&scene, user.id).await, views);
    assert_eq!(scene.read_saved_view(SavedViewId::new(scene.uuid())).await, None);
}

/// All of theirs and nobody else's, the oldest first, whatever the order in which they came.
pub async fn the_saved_views_of_a_user_are_theirs_the_oldest_first(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let mut views = Vec::new();
    for index in 0..SavedView::PER_USER_MAX {
        let name = format!("view {}", index * 37 % SavedView::PER_USER_MAX);
        let id = SavedViewId::new(scene.scattered_uuid(index));
        views.push(SavedView { id, ..scene.saved_view_of(ada, &name) });
    }
    scene.commit(ChangeSet::new().insert_all(views.iter().cloned())).await;
    let of_bob = scene.stored_saved_view(bob, "view 1").await;
    views.sort_by_key(|view| view.id);
    assert_eq!(of_user(&scene, ada).await, views);
    assert_eq!(of_user(&scene, bob).await, [of_bob]);
    assert_eq!(of_user(&scene, UserId::new(scene.uuid())).await, []);
}

/// By each user for themselves, exactly as it is written, also by an update.
pub async fn a_name_of_a_saved_view_is_taken_once_by_each_user(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let taken = Duplicate(SavedView::NAME);
    let holder = scene.stored_saved_view(ada, "mine").await;
    // Another list is no other name.
    let second = SavedView { list: ViewedList::Tasks, ..scene.saved_view_of(ada, "mine") };
    assert_eq!(scene.refusal(ChangeSet::new().insert(second.clone())).await, taken);
    assert_eq!(scene.read_saved_view(second.id).await, None);
    let both = ["new", "new"].map(|name| scene.saved_view_of(ada, name));
    assert_eq!(scene.refusal(ChangeSet::new().insert_all(both.into_iter())).await, taken);
    let same_id = SavedView { id: holder.id, ..scene.saved_view_of(ada, "free") };
    assert_eq!(scene.refusal(ChangeSet::new().insert(same_id)).await, Duplicate(UniqueKey::ID));

    for name in ["Mine", "mine ", "min", "m_ne"] {
        scene.stored_saved_view(ada, name).await;
    }
    scene.stored_saved_view(bob, "mine").await;
    let other = scene.stored_saved_view(ada, "other").await;
    let renamed = other.changed(Some(label("mine")), None, scene.now());
    assert_eq!(scene.refusal(ChangeSet::new().update(renamed, other.version)).await, taken);
    assert_eq!(scene.read_saved_view(other.id).await, Some(other));
}

/// Every field anew, its own name too, and the old name is free.
pub async fn an_update_of_a_saved_view_stores_every_field_anew(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let stored = scene.stored_saved_view(user.id, "old").await;
    for mut view in full::saved_views(&scene, user.id) {
        let expected = scene.read_saved_view(stored.id).await.expect("it is stored").version;
        view.id = stored.id;
        view.version = expected.next();
        scene.commit(ChangeSet::new().update(view.clone(), expected)).await;
        assert_eq!(scene.read_saved_view(stored.id).await, Some(view.clone()));
        // Nothing but the conditions.
        let same_name = SavedView { filter: stored.filter.clone(), version: view.version.next(), ..view.clone() };
        scene.commit(ChangeSet::new().update(same_name.clone(), view.version)).await;
        assert_eq!(scene.read_saved_view(stored.id).await, Some(same_name));
    }
    scene.stored_saved_view(user.id, "old").await;
}

/// Neither changed nor deleted by whoever has read another version; what does not exist is missing.
pub async fn a_change_of_a_saved_view_expects_what_is_stored(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let stored = scene.stored_saved_view(user.id, "a").await;
    let other = SavedView { version: Version::new(7), name: label("b"), ..stored.clone() };
    let update = ChangeSet::new().update(other.clone(), other.version);
    assert_eq!(scene.refusal(update).await, Stale);
    assert_eq!(scene.refusal(ChangeSet::new().delete(&other)).await, Stale);
    assert_eq!(scene.read_saved_view(stored.id).await, Some(stored.clone()));

    scene.commit(ChangeSet::new().delete(&stored)).await;
    for view in [stored, scene.saved_view_of(user.id, "never")] {
        let missing = Missing(SavedView::KIND);
        let update = ChangeSet::new().update(view.clone(), view.version);
        assert_eq!(scene.refusal(update).await, missing);
        assert_eq!(scene.refusal(ChangeSet::new().delete(&view)).await, missing);
        assert_eq!(scene.read_saved_view(view.id).await, None);
    }
    scene.stored_saved_view(user.id, "a").await;
}

/// A view is somebody's, and goes with them; nobody else's does.
pub async fn a_saved_view_belongs_to_a_user_and_goes_with_them(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await, scene.stored_user().await);
    let nobodys = scene.saved_view_of(UserId::new(scene.uuid()), "a");
    let insert = ChangeSet::new().insert(nobodys.clone());
    assert_eq!(scene.refusal(insert).await, Missing(User::KIND));
    assert_eq!(scene.read_saved_view(nobodys.id).await, None);

    let doomed = [scene.stored_saved_view(ada.id, "a").await, scene.stored_saved_view(ada.id, "b").await];
    let kept = scene.stored_saved_view(bob.id, "a").await;
    scene.commit(ChangeSet::new().delete(&ada)).await;
    for view in doomed {
        assert_eq!(scene.read_saved_view(view.id).await, None);
    }
    assert_eq!(of_user(&scene, ada.id).await, []);
    assert_eq!(of_user(&scene, bob.id).await, [kept]);
}

async fn of_user(scene: &Scene, user: UserId) -> Vec<SavedView> {
    scene.ports.saved_views.of_user(user).await.expect("saved views can be read")
}
