//! Kept replies, seen from inside.

use incident_domain::write::{Change, ChangeSet};
use incident_store_contract::scene::{Scene, idempotency_key};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::Recorded;

#[tokio::test]
async fn sets_with_replies_share_a_batch_and_insert_their_keys_in_one_order() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    recorded.written.take();
    let sets = [(bob, "b"), (ada, "c"), (bob, "a"), (ada, "d")].map(|(user, key)| {
        let effect = ChangeSet::new().revise(scene.plain()).insert(scene.action());
        effect.insert_all([scene.event()]).insert(scene.reply_with_key(user, &idempotency_key(key)))
    });
    let outcomes = recorded.store.commit_as_one_batch(sets.to_vec()).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    let sent = recorded.written.take();
    let inserts: Vec<_> = sent.iter().filter_map(|text| text.split('"').nth(1)).collect();
    assert_eq!(inserts, ["incidents", "timeline_entries", "search_texts", "actions", "idempotent_replies", "events"]);

    let in_order = "SELECT idempotency_key FROM idempotent_replies ORDER BY rowid";
    let in_order = Statement::from_string(DbBackend::Sqlite, in_order);
    let rows = recorded.store.reader().query_all_raw(in_order).await.expect("the keys");
    let keys: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).expect("a key")).collect();
    assert_eq!(keys, ["c", "d", "a", "b"], "by user, then by key");
}

#[tokio::test]
async fn a_reply_is_found_and_purged_by_indexes() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let user = scene.stored_user().await.id;
    recorded.read.take();
    recorded.written.take();
    assert_eq!(scene.read_reply(user, &idempotency_key("unknown")).await, None);
    let purge = Change::PurgeReplies { expired_before: scene.now(), replies_max: 9 };
    scene.commit(ChangeSet::new().with(purge)).await;
    let sent = [recorded.read.take(), recorded.written.take()].concat();
    assert_eq!(sent.len(), 2, "{sent:#?}");
    for statement in sent {
        let plan = recorded.plan(&statement).await;
        let is_slow = |step: &String| step.starts_with("SCAN") || step.contains("TEMP B-TREE");
        assert!(!plan.iter().any(is_slow), "{statement}: {plan:#?}");
    }
}
