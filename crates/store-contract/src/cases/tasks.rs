//! Storing tasks.

use incident_domain::{
    identity::User,
    incidents::{Incident, IncidentId, Priority},
    kernel::{
        Conflict::{Duplicate, InUse, Missing, Stale},
        Record as _, TaskId, UniqueKey, UserId, Version,
    },
    work::{Category, CategoryId, Task, TaskStatus},
    write::ChangeSet,
};

use crate::{
    Harness, full,
    scene::{Scene, at_once, conflict, timestamp},
};

/// With and without what is optional, each status and each priority, times at the calendar's edges.
pub async fn a_task_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (user, incident) = (scene.stored_user().await, scene.stored_incident().await);
    let category = scene.stored_category("hardware").await;
    let plain = || scene.task_by(user.id);
    let mut tasks = vec![full::task(&scene, user.id, incident.id, category.id), plain()];
    tasks.extend(TaskStatus::ALL.iter().map(|status| Task { status: *status, ..plain() }));
    tasks.extend(Priority::ALL.iter().map(|priority| Task { priority: *priority, ..plain() }));
    tasks.extend([-1, 0, 1].map(|due| Task { due_at: Some(timestamp(due)), ..plain() }));
    for task in tasks {
        scene.commit(ChangeSet::new().insert(task.clone())).await;
        assert_eq!(scene.read_task(task.id).await, Some(task));
    }
    assert_eq!(scene.read_task(TaskId::new(scene.uuid())).await, None);
}

/// What was there is there no more, and what was not is.
pub async fn an_update_of_a_task_stores_every_field_anew(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (user, incident) = (scene.stored_user().await, scene.stored_incident().await);
    let category = scene.stored_category("hardware").await;
    let plain = scene.stored_task(user.id).await;
    let bystander = scene.stored_task(user.id).await;
    let full = Task { id: plain.id, ..full::task(&scene, user.id, incident.id, category.id) };
    scene.commit(ChangeSet::new().update(full.clone(), plain.version)).await;
    assert_eq!(scene.read_task(plain.id).await, Some(full.clone()));

    let emptied = Task { version: Version::new(7), ..plain };
    scene.commit(ChangeSet::new().update(emptied.clone(), full.version)).await;
    assert_eq!(scene.read_task(emptied.id).await, Some(emptied));
    assert_eq!(scene.read_task(bystander.id).await, Some(bystander));
}

/// Neither updated nor deleted by whoever has read another version.
pub async fn a_change_of_a_task_that_expects_another_version_is_stale(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let stored = scene.stored_task(scene.stored_user().await.id).await;
    let current = Task { version: stored.version.next(), ..stored.clone() };
    scene.commit(ChangeSet::new().update(current.clone(), stored.version)).await;
    for version in [stored.version, Version::new(7), Version::new(u32::MAX - 1)] {
        let changed = Task { version: version.next(), priority: Priority::Low, ..current.clone() };
        assert_eq!(scene.refusal(ChangeSet::new().update(changed, version)).await, Stale);
        let read_as = Task { version, ..current.clone() };
        assert_eq!(scene.refusal(ChangeSet::new().delete(&read_as)).await, Stale);
        assert_eq!(scene.read_task(current.id).await, Some(current.clone()));
    }
    scene.commit(ChangeSet::new().delete(&current)).await;
    assert_eq!(scene.read_task(current.id).await, None);
}

/// Missing, and not stale: neither one that never was nor one that is gone.
pub async fn a_change_of_a_task_that_does_not_exist_is_missing(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let (never, gone) = (scene.task_by(user.id), scene.stored_task(user.id).await);
    scene.commit(ChangeSet::new().delete(&gone)).await;
    for task in [never, gone] {
        let update = ChangeSet::new().update(task.clone(), task.version);
        assert_eq!(scene.refusal(update).await, Missing(Task::KIND));
        assert_eq!(scene.refusal(ChangeSet::new().delete(&task)).await, Missing(Task::KIND));
        assert_eq!(scene.read_task(task.id).await, None);
    }
}

/// No two tasks share one; a task and an incident do.
pub async fn an_id_of_a_task_is_taken_once(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let stored = scene.stored_task(user.id).await;
    let second = Task { id: stored.id, ..scene.task_by(user.id) };
    assert_eq!(scene.refusal(ChangeSet::new().insert(second)).await, Duplicate(UniqueKey::ID));
    assert_eq!(scene.read_task(stored.id).await, Some(stored));

    let incident = scene.stored_incident().await;
    let namesake = Task { id: TaskId::new(incident.id.as_uuid()), ..scene.task_by(user.id) };
    scene.commit(ChangeSet::new().insert(namesake.clone())).await;
    assert_eq!(scene.read_task(namesake.id).await, Some(namesake));
}

/// At the insertion and at every update.
pub async fn a_task_names_only_what_exists(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let stored = scene.stored_task(user.id).await;
    let nobody = UserId::new(scene.uuid());
    let (incident, category) = (IncidentId::new(scene.uuid()), CategoryId::new(scene.uuid()));
    let wrong = |task: &Task| {
        [
            (Task { incident_id: Some(incident), ..task.clone() }, Incident::KIND),
            (Task { category_id: Some(category), ..task.clone() }, Category::KIND),
            (Task { assigned_to: Some(nobody), ..task.clone() }, User::KIND),
            (Task { created_by: nobody, ..task.clone() }, User::KIND),
        ]
    };
    for (inserted, reference) in wrong(&scene.task_by(user.id)) {
        assert_eq!(scene.refusal(ChangeSet::new().insert(inserted.clone())).await, Missing(reference));
        assert_eq!(scene.read_task(inserted.id).await, None);
    }
    for (updated, reference) in wrong(&Task { version: stored.version.next(), ..stored.clone() }) {
        let update = ChangeSet::new().update(updated, stored.version);
        assert_eq!(scene.refusal(update).await, Missing(reference));
        assert_eq!(scene.read_task(stored.id).await, Some(stored.clone()));
    }
}

/// Whether they thought of it or are to do it; when no task names them any more, they can go.
pub async fn a_user_whom_a_task_names_is_not_deleted(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (author, assignee) = (scene.stored_user().await, scene.stored_user().await);
    let task = scene.store_task(Task { assigned_to: Some(assignee.id), ..scene.task_by(author.id) }).await;
    for user in [&author, &assignee] {
        assert_eq!(scene.refusal(ChangeSet::new().delete(user)).await, InUse(User::KIND));
        assert_eq!(scene.read_user(user.id).await, Some(user.clone()));
    }
    let given_back = Task { assigned_to: None, version: task.version.next(), ..task.clone() };
    scene.commit(ChangeSet::new().update(given_back.clone(), task.version)).await;
    scene.commit(ChangeSet::new().delete(&assignee)).await;
    assert_eq!(scene.refusal(ChangeSet::new().delete(&author)).await, InUse(User::KIND));
    scene.commit(ChangeSet::new().delete(&given_back).delete(&author)).await;
    assert_eq!(scene.read_user(author.id).await, None);
}

/// A category of which there is a task stays.
pub async fn a_category_of_a_task_is_not_deleted(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let (needed, idle) = (scene.stored_category("used").await, scene.stored_category("idle").await);
    let task = scene.store_task(Task { category_id: Some(needed.id), ..scene.task_by(user.id) }).await;
    let delete = |category: &Category| ChangeSet::new().delete(category);
    scene.commit(delete(&idle)).await;
    assert_eq!(scene.refusal(delete(&needed)).await, InUse(Category::KIND));
    assert_eq!(scene.read_category(needed.id).await, Some(needed.clone()));

    scene.commit(ChangeSet::new().delete(&task).delete(&needed)).await;
    assert_eq!(scene.read_category(needed.id).await, None);
}

/// They go with it, and no other's tasks do; whoever they named can go as well.
pub async fn a_deleted_incident_takes_its_tasks_along(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (user, author) = (scene.stored_user().await, scene.stored_user().await);
    let (kept, doomed) = (scene.stored_incident().await, scene.stored_incident().await);
    let others = [scene.stored_task(user.id).await, scene.stored_task_for(kept.id, user.id).await];
    let of_doomed =
        [scene.stored_task_for(doomed.id, author.id).await, scene.stored_task_for(doomed.id, author.id).await];
    scene.commit(ChangeSet::new().delete_incident(&doomed)).await;
    for task in of_doomed {
        assert_eq!(scene.read_task(task.id).await, None);
    }
    let ids = [doomed.id, kept.id];
    let left = scene.ports.tasks.of_incidents(&ids, 10).await.expect("tasks can be read");
    assert_eq!(left, others[1..]);
    assert_eq!(scene.read_task(others[0].id).await, Some(others[0].clone()));
    scene.commit(ChangeSet::new().delete(&author)).await;
}

/// Each change builds on those before it.
pub async fn a_set_may_make_all_that_a_task_names_and_take_it_away(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (user, category, revision) = (scene.user(), scene.category("new"), scene.plain());
    let incident: Incident = revision.incident().clone();
    let task = full::task(&scene, user.id, incident.id, category.id);
    let made = ChangeSet::new().insert(user.clone()).insert(category.clone()).revise(revision).insert(task.clone());
    scene.commit(made).await;
    assert_eq!(scene.read_task(task.id).await, Some(task.clone()));

    let moved = Task { incident_id: None, category_id: None, ..task.clone() };
    let taken = ChangeSet::new()
        .update(moved.clone(), task.version)
        .delete(&category)
        .delete_incident(&incident)
        .delete(&moved)
        .delete(&user);
    scene.commit(taken).await;
    assert_eq!(scene.read_task(task.id).await, None);
    assert_eq!(scene.read_category(category.id).await, None);
}

/// The others find that it has changed since they read it.
pub async fn of_many_changes_of_one_task_exactly_one_succeeds(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let stored = scene.stored_task(scene.stored_user().await.id).await;
    let writers = (0..12_i64).map(|index| {
        let changed = Task { due_at: Some(timestamp(index)), version: stored.version.next(), ..stored.clone() };
        let (store, expected) = (scene.ports.store.clone(), stored.version);
        async move {
            let outcome = store.commit(ChangeSet::new().update(changed.clone(), expected)).await;
            (changed, conflict(outcome))
        }
    });
    let outcomes = at_once(writers).await;
    let winners: Vec<_> = outcomes.iter().filter(|(_, conflict)| conflict.is_none()).collect();
    assert_eq!(winners.len(), 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|(_, conflict)| matches!(conflict, None | Some(Stale))), "{outcomes:?}");
    assert_eq!(scene.read_task(stored.id).await.as_ref(), winners.first().map(|(task, _)| task));
}
