//! Tasks.

use std::{collections::BTreeSet, sync::Arc};

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    incidents::{IncidentId, Priority},
    kernel::{Description, Listing, Repository, TaskId, TimeRange, Timestamp, Title, UniqueKey, UserId, Version},
    work::{CategoryId, Task, TaskFilter, TaskSortKey, TaskStatus},
    write::ChangeSet,
};
use uuid::Uuid;

use crate::{
    Harness, Ports,
    extremes::{before_1970, end_of_time, odd, odd_lines},
    random::Random,
    scene::{Scene, timestamp},
    standard::{Findable, ListOf, ListSpecimen, Specimen, World, changeable},
};

/// How many tasks are listed.
const COUNT: usize = 41;
/// How many filters are combined at random.
const RANDOM_FILTERS: usize = 100;

#[async_trait]
impl Specimen for Task {
    /// With and without what is optional; each status and each priority; due at the edges of the calendar.
    fn specimens(scene: &Scene, world: &World) -> Vec<Self> {
        let plain = || scene.task_by(world.user.id);
        let full = Self {
            incident_id: Some(world.incident.id),
            title: Title::stored(odd(Title::CHARS_MAX)).expect("a title"),
            description: Some(Description::stored(odd_lines(Description::CHARS_MAX)).expect("a description")),
            category_id: Some(world.category.id),
            assigned_to: Some(world.user.id),
            due_at: Some(end_of_time()),
            created_at: before_1970(),
            updated_at: timestamp(1_772_424_306_100_001),
            version: Version::new(u32::MAX),
            ..plain()
        };
        let mut tasks = vec![full, plain()];
        tasks.extend(TaskStatus::ALL.iter().map(|status| Self { status: *status, ..plain() }));
        tasks.extend(Priority::ALL.iter().map(|priority| Self { priority: *priority, ..plain() }));
        tasks.extend([-1, 0, 1].map(|due| Self { due_at: Some(timestamp(due)), ..plain() }));
        tasks
    }

    fn with_value_of(self, _key: UniqueKey, other: &Self) -> Self {
        Self { id: other.id, ..self }
    }

    fn with_reference(self, index: usize, id: Uuid) -> Self {
        match index {
            0 => Self { incident_id: Some(IncidentId::new(id)), ..self },
            1 => Self { category_id: Some(CategoryId::new(id)), ..self },
            2 => Self { assigned_to: Some(UserId::new(id)), ..self },
            _ => Self { created_by: UserId::new(id), ..self },
        }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        ports.tasks.find(self.id).await.expect("tasks can be read")
    }
}

impl Findable for Task {
    fn repository(ports: &Ports) -> &dyn Repository<Self> {
        &*ports.tasks
    }
}

changeable!(Task);

/// All tasks.
pub type Tasks = ListOf<Task>;

#[async_trait]
impl ListSpecimen for Task {
    const SORT_KEYS: &'static [TaskSortKey] = TaskSortKey::ALL;

    fn listing(ports: &Ports) -> &dyn Listing<Self> {
        &*ports.tasks
    }

    async fn items(scene: &Arc<Scene>) -> Vec<Task> {
        let (mut incidents, mut categories, mut users) = (Vec::new(), Vec::new(), Vec::new());
        for name in ["a", "b", "c"] {
            incidents.push(scene.stored_incident().await.id);
            categories.push(scene.stored_category(name).await.id);
            users.push(scene.stored_user().await.id);
        }
        let mut random = Random::new(7);
        // Equal times, times a microsecond apart, and the time that is used for none.
        let times: Vec<_> =
            [-1, 0, 1, 999, 1_000, 1_001].map(timestamp).into_iter().chain([TaskSortKey::NEVER]).collect();
        let task = |index| Task {
            id: TaskId::new(scene.scattered_uuid(index)),
            incident_id: random.some_of(&incidents),
            status: random.one_of(TaskStatus::ALL),
            priority: random.one_of(Priority::ALL),
            category_id: random.some_of(&categories),
            assigned_to: random.some_of(&users),
            due_at: random.some_of(&times),
            updated_at: random.one_of(&times),
            ..scene.task_by(random.one_of(&users))
        };
        (0..COUNT).map(task).collect()
    }

    fn filters(scene: &Scene, tasks: &[Task]) -> Vec<TaskFilter> {
        let incidents: BTreeSet<_> = tasks.iter().filter_map(|task| task.incident_id).collect();
        let categories: BTreeSet<_> = tasks.iter().filter_map(|task| task.category_id).collect();
        let users: Vec<_> = tasks.iter().map(|task| task.created_by).collect::<BTreeSet<_>>().into_iter().collect();
        let any = TaskFilter::default;
        let mut filters = vec![
            any(),
            TaskFilter { statuses: vec![TaskStatus::Todo, TaskStatus::Done], ..any() },
            TaskFilter { statuses: vec![TaskStatus::Cancelled; 3], ..any() },
            TaskFilter { priorities: vec![Priority::Low, Priority::Critical], ..any() },
            TaskFilter { incident_id: Some(IncidentId::new(scene.uuid())), ..any() },
            TaskFilter { category_id: Some(CategoryId::new(scene.uuid())), ..any() },
            TaskFilter { assigned_to: Some(UserId::new(scene.uuid())), ..any() },
            TaskFilter { created_by: Some(UserId::new(scene.uuid())), ..any() },
            TaskFilter { assigned_to: Some(users[0]), created_by: Some(users[1]), ..any() },
        ];
        filters.extend(TaskStatus::ALL.iter().map(|status| TaskFilter { statuses: vec![*status], ..any() }));
        filters.extend(Priority::ALL.iter().map(|priority| TaskFilter { priorities: vec![*priority], ..any() }));
        filters.extend(incidents.iter().map(|id| TaskFilter { incident_id: Some(*id), ..any() }));
        filters.extend(categories.iter().map(|id| TaskFilter { category_id: Some(*id), ..any() }));
        filters.extend(users.iter().map(|id| TaskFilter { assigned_to: Some(*id), ..any() }));
        filters.extend(users.iter().map(|id| TaskFilter { created_by: Some(*id), ..any() }));
        filters.extend(spans(TaskSortKey::NEVER).map(|due| TaskFilter { due, ..any() }));
        filters.extend(
            [-1, 0, 999, 1_000].into_iter().flat_map(|us| spans(timestamp(us))).map(|due| TaskFilter { due, ..any() }),
        );
        filters.extend(tasks.iter().find_map(every_condition));
        let mut random = Random::new(11);
        let combined = (0..RANDOM_FILTERS).map(|_| {
            let (one, other) = (random.one_of(&filters), random.one_of(&filters));
            TaskFilter { statuses: one.statuses, due: one.due, category_id: one.category_id, ..other }
        });
        let combined: Vec<_> = combined.collect();
        filters.extend(combined);
        filters
    }
}

/// Returns spans that begin at a time, end at it, hold it alone or nothing, and one that ends before it begins.
fn spans(at: Timestamp) -> impl Iterator<Item = TimeRange> {
    let next = at + TimeDelta::microseconds(1);
    let range = |since, until| TimeRange { since, until };
    let spans = [
        range(Some(at), None),
        range(None, Some(at)),
        range(Some(at), Some(next)),
        range(Some(at), Some(at)),
        range(Some(next), Some(at)),
    ];
    spans.into_iter()
}

fn every_condition(task: &Task) -> Option<TaskFilter> {
    Some(TaskFilter {
        statuses: vec![task.status],
        priorities: vec![task.priority],
        incident_id: Some(task.incident_id?),
        category_id: Some(task.category_id?),
        assigned_to: Some(task.assigned_to?),
        created_by: Some(task.created_by),
        due: TimeRange { since: Some(task.due_at?), until: None },
    })
}

/// The last ones of each incident, the oldest first.
pub async fn the_last_tasks_of_many_incidents_are_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut tasks = Task::items(&scene).await;
    scene.commit(ChangeSet::new().insert_all(tasks.clone())).await;
    tasks.sort_by_key(|task| task.id);
    let incidents: BTreeSet<_> = tasks.iter().filter_map(|task| task.incident_id).collect();
    let mut asked: Vec<_> = incidents.into_iter().skip(1).collect();
    asked.insert(1, IncidentId::new(scene.uuid()));
    asked.push(scene.stored_incident().await.id);
    for limit_each in [0, 1, 2, 5, 200] {
        let limit = u32::try_from(limit_each).expect("a small limit");
        let read = scene.ports.tasks.of_incidents(&asked, limit).await.expect("tasks can be read");
        let mut count = 0;
        for id in &asked {
            let of_this = |tasks: &[Task]| -> Vec<Task> {
                tasks.iter().filter(|task| task.incident_id == Some(*id)).cloned().collect()
            };
            let mut expected = of_this(&tasks);
            expected.drain(..expected.len().saturating_sub(limit_each));
            assert_eq!(of_this(&read), expected, "{limit_each} each");
            count += expected.len();
        }
        assert_eq!(read.len(), count, "tasks of other incidents");
    }
    assert_eq!(scene.ports.tasks.of_incidents(&[], 10).await.expect("tasks can be read"), []);
}
