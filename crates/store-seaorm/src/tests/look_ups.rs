//! Look-ups of single incidents that share a query.

use incident_domain::write::ChangeSet;
use incident_store_contract::scene::Scene;
use sea_orm::ConnectionTrait as _;

use super::Recorded;

#[tokio::test]
async fn a_corrupt_row_fails_only_its_own_caller_in_a_shared_look_up() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let opened = [scene.plain(), scene.plain(), scene.plain()];
    let [first, broken, last] = opened.each_ref().map(|revision| revision.incident().clone());
    for revision in opened {
        scene.commit(ChangeSet::new().revise(revision)).await;
    }
    let breaking = format!("UPDATE incidents SET timeline_hash = x'00' WHERE number = {}", broken.number.get());
    recorded.store.writer().execute_unprepared(&breaking).await.expect("a broken row");

    recorded.read.take();
    let find = |id| scene.ports.incidents.find(id);
    let (one, unreadable, other) = tokio::join!(find(first.id), find(broken.id), find(last.id));
    assert_eq!(recorded.read.take().len(), 1, "all three share a query");
    assert_eq!(one.expect("a read"), Some(first));
    assert!(unreadable.expect_err("the row is broken").is_unreadable());
    assert_eq!(other.expect("a read"), Some(last));
}
