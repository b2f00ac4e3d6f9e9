//! Listing tasks.

use incident_domain::{
    incidents::{IncidentId, Priority},
    kernel::{ListCursor, Page, PageRequest, PageSize, TaskId, TimeRange, Timestamp, UserId},
    work::{CategoryId, Task, TaskFilter, TaskSort, TaskSortKey, TaskStatus},
    write::ChangeSet,
};

use crate::{
    Harness,
    dice::Dice,
    pages::{assert_pages, orders, sorted},
    scene::{Scene, timestamp},
};

const SIZE: usize = 41;

/// Tasks of all sorts, many of them alike in one thing or another.
struct Tasks {
    scene: std::sync::Arc<Scene>,
    all: Vec<Task>,
    incidents: Vec<IncidentId>,
    categories: Vec<CategoryId>,
    users: Vec<UserId>,
}

impl Tasks {
    async fn stored(harness: &dyn Harness) -> Self {
        let scene = Scene::set(harness).await;
        let (mut incidents, mut categories, mut users) = (Vec::new(), Vec::new(), Vec::new());
        for name in ["a", "b", "c"] {
            incidents.push(scene.stored_incident().await.id);
            categories.push(scene.stored_category(name).await.id);
            users.push(scene.stored_user().await.id);
        }
        let mut dice = Dice::new(7);
        // Equal times, the microseconds around one of them, and the time that stands for none.
        let times = [-1, 0, 1, 999, 1_000, 1_001].map(timestamp).into_iter().chain([TaskSortKey::NEVER]);
        let times: Vec<_> = times.collect();
        let all: Vec<_> = (0..SIZE)
            .map(|index| Task {
                id: TaskId::new(scene.scattered_uuid(index)),
                incident_id: dice.some_of(&incidents),
                status: dice.one_of(TaskStatus::ALL),
                priority: dice.one_of(Priority::ALL),
                category_id: dice.some_of(&categories),
                assigned_to: dice.some_of(&users),
                due_at: dice.some_of(&times),
                updated_at: dice.one_of(&times),
                ..scene.task_by(dice.one_of(&users))
            })
            .collect();
        for set in all.chunks(9) {
            scene.commit(ChangeSet::new().insert_all(set.iter().cloned())).await;
        }
        Self { scene, all, incidents, categories, users }
    }

    fn matching(&self, filter: &TaskFilter, sort: TaskSort) -> Vec<Task> {
        let matching: Vec<_> = self.all.iter().filter(|task| filter.matches(task)).cloned().collect();
        sorted(&matching, sort, |task| task.id.as_uuid())
    }

    async fn list(&self, filter: &TaskFilter, sort: TaskSort, page: PageRequest<ListCursor>) -> Page<Task> {
        self.scene.ports.tasks.list(filter, sort, page).await.expect("tasks can be read")
    }

    async fn assert_lists(&self, filter: &TaskFilter, sort: TaskSort) {
        let list = |page| {
            let tasks = self.scene.ports.tasks.clone();
            let filter = filter.clone();
            async move { tasks.list(&filter, sort, page).await }
        };
        assert_pages(&self.matching(filter, sort), |task| place_of(task, sort), list).await;
    }

    /// Each condition alone, with one value and with several, and conditions together.
    fn filters(&self) -> Vec<TaskFilter> {
        let any = TaskFilter::default;
        let mut filters = vec![
            any(),
            TaskFilter { statuses: vec![TaskStatus::Todo, TaskStatus::Done], ..any() },
            TaskFilter { statuses: vec![TaskStatus::Cancelled; 3], ..any() },
            TaskFilter { priorities: vec![Priority::Low, Priority::Critical], ..any() },
            TaskFilter { incident_id: Some(IncidentId::new(self.scene.uuid())), ..any() },
            TaskFilter { category_id: Some(CategoryId::new(self.scene.uuid())), ..any() },
            TaskFilter { assigned_to: Some(UserId::new(self.scene.uuid())), ..any() },
            TaskFilter { created_by: Some(UserId::new(self.scene.uuid())), ..any() },
            TaskFilter { assigned_to: Some(self.users[0]), created_by: Some(self.users[1]), ..any() },
        ];
        filters.extend(TaskStatus::ALL.iter().map(|status| TaskFilter { statuses: vec![*status], ..any() }));
        filters.extend(Priority::ALL.iter().map(|priority| TaskFilter { priorities: vec![*priority], ..any() }));
        filters.extend(self.incidents.iter().map(|id| TaskFilter { incident_id: Some(*id), ..any() }));
        filters.extend(self.categories.iter().map(|id| TaskFilter { category_id: Some(*id), ..any() }));
        filters.extend(self.users.iter().map(|id| TaskFilter { assigned_to: Some(*id), ..any() }));
        filters.extend(self.users.iter().map(|id| TaskFilter { created_by: Some(*id), ..any() }));
        filters.extend(spans(TaskSortKey::NEVER).map(|due| TaskFilter { due, ..any() }));
        filters.extend(
            [-1, 0, 999, 1_000].into_iter().flat_map(|us| spans(timestamp(us))).map(|due| TaskFilter { due, ..any() }),
        );
        filters.extend(self.all.iter().find_map(every_condition));
        filters
    }
}

/// From a time on, up to it, that time alone, none, and the wrong way round.
fn spans(at: Timestamp) -> impl Iterator<Item = TimeRange> {
    let next = at + chrono::TimeDelta::microseconds(1);
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

fn place_of(task: &Task, sort: TaskSort) -> ListCursor {
    sort.cursor_of(task, task.id.as_uuid())
}

/// Each condition, several values of one, conditions together, and such as nothing fulfils; a task that is never due
/// is due in no span, however late.
pub async fn a_list_of_tasks_contains_exactly_what_the_filter_matches(harness: &dyn Harness) {
    let tasks = Tasks::stored(harness).await;
    let size = PageSize::parse(PageSize::MAX).expect("a size");
    for filter in tasks.filters() {
        let expected = tasks.matching(&filter, TaskSort::default());
        let listed = tasks.list(&filter, TaskSort::default(), PageRequest::Numbered { page: 1, size }).await;
        let total = u64::try_from(expected.len()).ok();
        assert_eq!(listed, Page { items: expected, total, has_more: false }, "{filter:?}");
    }
}

/// By each key, both ways, in pages by number and by cursor at every depth; equal ones by their ids.
pub async fn tasks_are_listed_in_every_order(harness: &dyn Harness) {
    let tasks = Tasks::stored(harness).await;
    let few = TaskFilter { statuses: vec![TaskStatus::Todo, TaskStatus::Done], ..TaskFilter::default() };
    for sort in orders(TaskSortKey::ALL) {
        tasks.assert_lists(&TaskFilter::default(), sort).await;
        tasks.assert_lists(&few, sort).await;
    }
}

/// A cursor is a place in the list, whether or not something stands there that the filter matches.
pub async fn a_cursor_in_a_list_of_tasks_needs_no_task(harness: &dyn Harness) {
    let mut tasks = Tasks::stored(harness).await;
    let gone: Vec<_> = (0..3).map(|index| tasks.all.remove(index * 9)).collect();
    for task in &gone {
        tasks.scene.commit(ChangeSet::new().delete(task)).await;
    }
    let size = PageSize::parse(PageSize::MAX).expect("a size");
    let filter = TaskFilter { priorities: vec![Priority::Low, Priority::High], ..TaskFilter::default() };
    for sort in orders(TaskSortKey::ALL) {
        let others = tasks.all.iter().filter(|task| !filter.matches(task));
        for away in gone.iter().chain(others) {
            let with_away: Vec<_> =
                tasks.all.iter().filter(|task| filter.matches(task)).chain([away]).cloned().collect();
            let with_away = sorted(&with_away, sort, |task| task.id.as_uuid());
            let after = with_away.iter().skip_while(|task| task.id != away.id).skip(1);
            let page = PageRequest::After { cursor: Some(place_of(away, sort)), size };
            let listed = tasks.list(&filter, sort, page).await;
            assert_eq!(listed.items, after.cloned().collect::<Vec<_>>(), "{sort:?} after {away:?}");
        }
    }
}

/// Random conditions in random orders: the list is what the domain says it is.
pub async fn whatever_is_asked_of_the_tasks_is_answered_as_the_domain_has_it(harness: &dyn Harness) {
    let tasks = Tasks::stored(harness).await;
    let (mut dice, filters) = (Dice::new(11), tasks.filters());
    let orders = orders(TaskSortKey::ALL);
    for _ in 0..120 {
        let (one, other, sort) = (dice.one_of(&filters), dice.one_of(&filters), dice.one_of(&orders));
        let filter = TaskFilter { statuses: one.statuses, due: one.due, category_id: one.category_id, ..other };
        let expected = tasks.matching(&filter, sort);
        let (size, skipped) = (1 + dice.below(9), dice.below(SIZE));
        let page_size = PageSize::parse(u32::try_from(size).expect("a small size")).expect("a size");
        let cursor = expected.get(skipped).map(|task| place_of(task, sort));
        let skipped = if cursor.is_some() { skipped + 1 } else { 0 };
        let page = tasks.list(&filter, sort, PageRequest::After { cursor, size: page_size }).await;
        let items: Vec<_> = expected.iter().skip(skipped).take(size).cloned().collect();
        let has_more = expected.len() > skipped + size;
        assert_eq!(page, Page { items, total: None, has_more }, "{filter:?} {sort:?} {skipped} skipped");
    }
}

/// The last ones of each, the oldest first, and nobody else's.
pub async fn the_tasks_of_many_incidents_are_the_last_of_each(harness: &dyn Harness) {
    let tasks = Tasks::stored(harness).await;
    let unknown = IncidentId::new(tasks.scene.uuid());
    let idle = tasks.scene.stored_incident().await.id;
    let asked = [tasks.incidents[2], unknown, tasks.incidents[0], idle];
    for limit_each in [0, 1, 2, 5, 200] {
        let read = tasks.scene.ports.tasks.of_incidents(&asked, limit_each).await.expect("tasks can be read");
        let mut count = 0;
        for id in asked {
            let filter = TaskFilter { incident_id: Some(id), ..TaskFilter::default() };
            let mut last: Vec<_> = tasks.matching(&filter, TaskSort::default());
            last.truncate(usize::try_from(limit_each).expect("it fits"));
            last.reverse();
            let of_this: Vec<_> = read.iter().filter(|task| task.incident_id == Some(id)).cloned().collect();
            assert_eq!(of_this, last, "{limit_each} each");
            count += last.len();
        }
        assert_eq!(read.len(), count, "{limit_each} each");
    }
    assert_eq!(tasks.scene.ports.tasks.of_incidents(&[], 10).await.expect("tasks can be read"), []);
}
