//! How SQLite reads lists: by which index, and what it sorts.

use incident_domain::{
    identity::{UserFilter, UserSortKey},
    incidents::{IncidentFilter, IncidentId, IncidentSort, IncidentSortKey, Priority, Status},
    kernel::{
        Direction, Label, LabelKey, LabelValue, ListCursor, PageRequest, PageSize, Sort, SortPosition, TimeRange,
        Timestamp, UserId,
    },
    work::{CategoryId, CategorySortKey, TaskFilter, TaskSort, TaskSortKey, TaskStatus},
};
use incident_store_contract::scene::Scene;

use super::Recorded;

const BOTH: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// Returns the plan of the one statement that was sent.
async fn plan_of(recorded: &Recorded) -> Vec<String> {
    let sent = recorded.read.take();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    recorded.plan(&sent.concat()).await
}

fn after(scene: &Scene, position: SortPosition) -> PageRequest<ListCursor> {
    PageRequest::After { cursor: Some(ListCursor { position, id: scene.uuid() }), size: PageSize::DEFAULT }
}

/// Asserts a search from the cursor on in one index in the order of the list, without a sort.
fn assert_found_in(plan: &[String], index: &str) {
    let searched = plan.first().is_some_and(|step| step.starts_with("SEARCH") && step.contains(index));
    assert!(searched && plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{index}: {plan:#?}");
}

/// Asserts a search of this index for each branch, and a sort of the results of the branches at most.
fn assert_put_together_from(plan: &[String], index: &str, branches: usize) {
    let searched = plan.iter().filter(|step| step.contains(index) && step.contains("SEARCH")).count();
    let sorts = plan.iter().filter(|step| step.contains("TEMP B-TREE")).count();
    let sorts_a_page_of_each_at_most = sorts == 0 || (sorts == 1 && plan.iter().any(|step| step.contains("LIST SUBQ")));
    assert!(searched == branches && sorts_a_page_of_each_at_most, "{index}: {plan:#?}");
}

#[tokio::test]
async fn a_list_of_incidents_by_id_with_one_condition_reads_the_index_of_that_condition() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let any = IncidentFilter::default;
    let user = Some(UserId::new(scene.uuid()));
    let label = Some(Label::parse("payments").expect("a label"));
    let labels = vec![(LabelKey::parse("a").expect("a key"), LabelValue::parse("b").expect("a value"))];
    let span = TimeRange { since: Some(scene.now()), until: None };
    let lists = [
        (any(), "sqlite_autoindex_incidents_1"),
        (IncidentFilter { statuses: vec![Status::Closed], ..any() }, "incidents_status_id"),
        (IncidentFilter { priorities: vec![Priority::High], ..any() }, "incidents_priority_id"),
        (IncidentFilter { assigned_to: user, ..any() }, "incidents_assigned_to_id"),
        (IncidentFilter { reported_by: user, ..any() }, "incidents_reported_by_id"),
        (IncidentFilter { service: label.clone(), ..any() }, "incidents_service_id"),
        (IncidentFilter { category: label, ..any() }, "incidents_category_id"),
        (IncidentFilter { labels, ..any() }, "incidents_labels"),
        (IncidentFilter { opened: span, ..any() }, "sqlite_autoindex_incidents_1"),
        (IncidentFilter { updated: span, ..any() }, "sqlite_autoindex_incidents_1"),
        (IncidentFilter { resolved: span, ..any() }, "sqlite_autoindex_incidents_1"),
    ];
    for (filter, index) in lists {
        for direction in BOTH {
            recorded.read.take();
            let sort = Sort { key: IncidentSortKey::CreatedAt, direction };
            scene.ports.incidents.list(&filter, sort, after(&scene, SortPosition::Id)).await.expect("a page");
            assert_found_in(&plan_of(&recorded).await, index);
        }
    }
}

#[tokio::test]
async fn a_list_of_several_statuses_or_priorities_sorts_no_more_than_a_page_of_each() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let any = IncidentFilter::default;
    let statuses = vec![Status::Closed, Status::Cancelled];
    let priorities = vec![Priority::Critical, Priority::High];
    let lists = [
        (IncidentFilter { statuses: statuses.clone(), ..any() }, "incidents_status_id"),
        (IncidentFilter { priorities: priorities.clone(), ..any() }, "incidents_priority_id"),
        (IncidentFilter { statuses: statuses.clone(), priorities, ..any() }, "incidents_status_id"),
    ];
    for (filter, index) in lists {
        recorded.read.take();
        let page = after(&scene, SortPosition::Id);
        scene.ports.incidents.list(&filter, IncidentSort::default(), page).await.expect("a page");
        assert_put_together_from(&plan_of(&recorded).await, index, 2);
    }
    recorded.read.take();
    let service = Some(Label::parse("payments").expect("a label"));
    let page = after(&scene, SortPosition::Id);
    let filter = IncidentFilter { statuses, service, ..any() };
    scene.ports.incidents.list(&filter, IncidentSort::default(), page).await.expect("a page");
    assert_found_in(&plan_of(&recorded).await, "incidents_service_id");
}

#[tokio::test]
async fn each_order_of_incidents_has_an_index_whatever_condition_is_added() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let common = IncidentFilter {
        statuses: vec![Status::Closed],
        priorities: vec![Priority::High],
        opened: TimeRange { since: None, until: Some(scene.now()) },
        updated: TimeRange { since: None, until: Some(scene.now()) },
        ..IncidentFilter::default()
    };
    let keys = [
        (IncidentSortKey::OpenedAt, "incidents_opened_at_id"),
        (IncidentSortKey::UpdatedAt, "incidents_updated_at_id"),
    ];
    for filter in [IncidentFilter::default(), common] {
        for ((key, index), direction) in keys.into_iter().flat_map(|key| BOTH.map(|direction| (key, direction))) {
            recorded.read.take();
            let page = after(&scene, SortPosition::Time(scene.now()));
            scene.ports.incidents.list(&filter, Sort { key, direction }, page).await.expect("a page");
            assert_found_in(&plan_of(&recorded).await, index);
        }
    }
    for direction in BOTH {
        let sort = Sort { key: IncidentSortKey::Priority, direction };
        recorded.read.take();
        let page = after(&scene, SortPosition::Rank(Priority::Medium.rank()));
        scene.ports.incidents.list(&IncidentFilter::default(), sort, page).await.expect("a page");
        let left = if direction == Direction::Ascending { 2 } else { 3 };
        assert_put_together_from(&plan_of(&recorded).await, "incidents_priority_id", left);
    }
}

#[tokio::test]
async fn statistics_are_read_in_the_order_of_opening_whatever_the_filter() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let any = IncidentFilter::default;
    let user = Some(UserId::new(scene.uuid()));
    let label = Some(Label::parse("payments").expect("a label"));
    let filters = [
        any(),
        IncidentFilter { assigned_to: user, ..any() },
        IncidentFilter { reported_by: user, ..any() },
        IncidentFilter { service: label.clone(), ..any() },
        IncidentFilter { category: label, statuses: vec![Status::Closed], ..any() },
    ];
    for filter in filters {
        recorded.read.take();
        let after = Some((scene.now(), IncidentId::new(scene.uuid())));
        scene.ports.statistics.times(&filter, after, 5_000).await.expect("times");
        assert_found_in(&plan_of(&recorded).await, "incidents_opened_at_id");
    }
}

#[tokio::test]
async fn a_list_of_tasks_reads_an_index() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let any = TaskFilter::default;
    let now = || SortPosition::Time(scene.now());
    let user = Some(UserId::new(scene.uuid()));
    let due = TimeRange { since: Some(scene.now()), until: Some(Timestamp::MAX_UTC) };
    let incident_id = Some(IncidentId::new(scene.uuid()));
    let category_id = Some(CategoryId::new(scene.uuid()));
    let lists = [
        (any(), TaskSortKey::CreatedAt, SortPosition::Id, "sqlite_autoindex_tasks_1"),
        (TaskFilter { incident_id, ..any() }, TaskSortKey::CreatedAt, SortPosition::Id, "tasks_incident_id_id"),
        (TaskFilter { category_id, ..any() }, TaskSortKey::CreatedAt, SortPosition::Id, "tasks_category_id_id"),
        (TaskFilter { assigned_to: user, ..any() }, TaskSortKey::CreatedAt, SortPosition::Id, "tasks_assigned_to_id"),
        (TaskFilter { created_by: user, ..any() }, TaskSortKey::CreatedAt, SortPosition::Id, "tasks_created_by_id"),
        (any(), TaskSortKey::UpdatedAt, now(), "tasks_updated_at_id"),
        (any(), TaskSortKey::DueAt, now(), "tasks_due_order_id"),
        (TaskFilter { due, ..any() }, TaskSortKey::DueAt, now(), "tasks_due_order_id"),
        (
            TaskFilter { statuses: vec![TaskStatus::Todo], due, ..any() },
            TaskSortKey::DueAt,
            now(),
            "tasks_due_order_id",
        ),
    ];
    for (filter, key, position, index) in lists {
        for direction in BOTH {
            recorded.read.take();
            let page = after(&scene, position.clone());
            scene.ports.tasks.list(&filter, Sort { key, direction }, page).await.expect("a page");
            assert_found_in(&plan_of(&recorded).await, index);
        }
    }
    recorded.read.take();
    let statuses = TaskFilter { statuses: vec![TaskStatus::Todo, TaskStatus::InProgress], ..any() };
    scene.ports.tasks.list(&statuses, TaskSort::default(), after(&scene, SortPosition::Id)).await.expect("a page");
    assert_put_together_from(&plan_of(&recorded).await, "tasks_status_id", 2);
    recorded.read.take();
    let by_priority = Sort { key: TaskSortKey::Priority, direction: Direction::Ascending };
    let page = after(&scene, SortPosition::Rank(Priority::Critical.rank()));
    scene.ports.tasks.list(&any(), by_priority, page).await.expect("a page");
    assert_put_together_from(&plan_of(&recorded).await, "tasks_priority_id", 4);
}

#[tokio::test]
async fn users_and_categories_are_listed_in_the_order_of_an_index() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let keys = [
        (UserSortKey::CreatedAt, SortPosition::Id, "sqlite_autoindex_users_1"),
        (UserSortKey::UpdatedAt, SortPosition::Time(scene.now()), "users_updated_at_id"),
        (UserSortKey::Email, SortPosition::Text("a@example.org".to_owned()), "users_email_key"),
    ];
    for (key, position, index) in keys {
        for direction in BOTH {
            recorded.read.take();
            let page = after(&scene, position.clone());
            scene.ports.users.list(&UserFilter::default(), Sort { key, direction }, page).await.expect("a page");
            assert_found_in(&plan_of(&recorded).await, index);
        }
    }
    recorded.read.take();
    let page = after(&scene, SortPosition::Text("database".to_owned()));
    let by_name = Sort { key: CategorySortKey, direction: Direction::Ascending };
    scene.ports.categories.list(&(), by_name, page).await.expect("a page");
    assert_found_in(&plan_of(&recorded).await, "categories_name_key");
}
