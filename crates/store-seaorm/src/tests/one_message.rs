//! Transactions that are one message to SQLite.

use incident_domain::{
    identity::User,
    kernel::{Conflict, Record as _},
    write::ChangeSet,
};
use incident_store_contract::scene::Scene;

use super::{Recorded, conflict};

fn openings(scene: &Scene, count: usize) -> Vec<ChangeSet> {
    (0..count).map(|_| ChangeSet::new().revise(scene.plain()).insert_all([scene.event()])).collect()
}

#[tokio::test]
async fn sets_of_one_shape_are_one_message() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    for sets in [1, 2, 31, 64] {
        recorded.written.take_messages();
        let outcomes = recorded.store.commit_as_one_batch(openings(&scene, sets)).await;
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let sent = recorded.written.take_messages();
        assert_eq!(sent.len(), 1, "{sets} sets: {sent:#?}");
        assert_eq!(sent[0].split(';').filter(|text| text.starts_with("INSERT INTO")).count(), 4);
        assert!(sent[0].ends_with(";COMMIT"), "{sent:#?}");
    }
    let logged = scene.ports.events.after(0, 200).await.expect("the events");
    assert_eq!(logged.len(), 98);
}

#[tokio::test]
async fn one_that_fails_half_way_leaves_no_trace() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let [good, bad] = [scene.user(), scene.user()];
    let ids = [good.id, bad.id];
    let sessions = [scene.session_of(good.id), scene.session_of(scene.user().id)];
    let sets = [good, bad].into_iter().zip(sessions);
    let sets = sets.map(|(user, session)| ChangeSet::new().insert(user).insert(session));
    let outcomes = recorded.store.commit_as_one_batch(sets.collect()).await;
    let missing = Conflict::Missing(User::KIND);
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [None, Some(missing)]);
    for (id, is_there) in ids.into_iter().zip([true, false]) {
        assert_eq!(scene.ports.users.find(id).await.expect("a read").is_some(), is_there);
    }
}

/// Yields this many times.
async fn yield_times(times: usize) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_whose_caller_is_dropped_is_rolled_back_or_committed_whole() {
    const SETS: usize = 36;
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let mut logged_before = 0;
    for times in 0..40 {
        let dropped = recorded.store.commit_as_one_batch(openings(&scene, SETS));
        tokio::select! {
            biased;
            _ = dropped => {}
            () = yield_times(times) => {}
        }
        let next = recorded.store.commit_as_one_batch(openings(&scene, 2)).await;
        assert!(next.iter().all(Result::is_ok), "{next:?}");
        let logged = scene.ports.events.after(0, 5_000).await.expect("the events").len();
        assert!([2, 2 + SETS].contains(&(logged - logged_before)), "{logged_before} and then {logged}");
        logged_before = logged;
    }
}
