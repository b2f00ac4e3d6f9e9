//! The audit, seen from inside.

use incident_domain::kernel::{ActionFilter, ActionId, Direction, OutcomeKind, PageRequest, PageSize, UserId};
use incident_store_contract::scene::Scene;

use super::Recorded;

#[tokio::test]
async fn a_list_of_actions_by_actor_target_kind_or_refusal_reads_an_index_and_sorts_nothing() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let any = ActionFilter::default;
    let (actor, target) = (Some(UserId::new(scene.uuid())), Some("incident:1".to_owned()));
    let (kind, since) = (Some("incident.open".to_owned()), Some(scene.now()));
    let refused = Some(OutcomeKind::Refused);
    let lists = [
        (any(), "sqlite_autoindex_actions_1"),
        (ActionFilter { outcome: Some(OutcomeKind::Done), ..any() }, "sqlite_autoindex_actions_1"),
        (ActionFilter { since, ..any() }, "sqlite_autoindex_actions_1"),
        (ActionFilter { kind: kind.clone(), since, ..any() }, "actions_kind_id"),
        (ActionFilter { actor, ..any() }, "actions_actor_reference_id"),
        (ActionFilter { actor, kind: kind.clone(), since, ..any() }, "actions_actor_reference_id"),
        (ActionFilter { target: target.clone(), ..any() }, "actions_target_id"),
        (ActionFilter { target, kind: kind.clone(), until: since, ..any() }, "actions_target_id"),
        (ActionFilter { outcome: refused, ..any() }, "actions_refused"),
        (ActionFilter { outcome: refused, kind, ..any() }, "actions_refused"),
    ];
    for (filter, index) in lists {
        let cursor = Some(ActionId::new(scene.uuid()));
        let cursors = [(Direction::Descending, None), (Direction::Descending, cursor), (Direction::Ascending, cursor)];
        for (direction, cursor) in cursors {
            recorded.read.take();
            let page = PageRequest::After { cursor, size: PageSize::DEFAULT };
            scene.ports.actions.list(&filter, direction, page).await.expect("a page");
            let sent = recorded.read.take();
            assert_eq!(sent.len(), 1, "{sent:#?}");
            let plan = recorded.plan(&sent.concat()).await;
            assert!(plan.iter().all(|step| step.contains(index)), "{filter:?}: {plan:#?}");
        }
    }
}
