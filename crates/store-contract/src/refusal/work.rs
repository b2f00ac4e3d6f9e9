//! Tasks, categories and saved views in sets that are refused.

use incident_domain::{identity::{User}, incidents::{Priority}, kernel::{Conflict::{self, Duplicate, InUse, Missing, Stale}, Record as _, TaskId, UniqueKey, UserId, Version}, work::{Category, CategoryId, SavedView, SavedViewId, Task}, write::{AnyRecord, Change, ChangeSet, Editable as _, EditableId}};

use crate::scene::{Scene, category_name, label};

/// What is in the store before the refused sets come.
pub(super) struct Work {
    changing: Kinds,
    doomed: Kinds,
    bystander: Kinds,
}

/// One of each kind; the task is of the category.
struct Kinds {
    category: Category,
    task: Task,
    view: SavedView,
}

/// What is there of one of each kind.
pub(super) type Left = (Option<Category>, Option<Task>, Option<SavedView>);

impl Kinds {
    fn new(scene: &Scene, user: UserId, name: &str) -> Self {
        let category = scene.category(name);
        let task = Task { category_id: Some(category.id), ..scene.task_by(user) };
        Self { category, task, view: scene.saved_view_of(user, name) }
    }

    fn added_to(&self, set: ChangeSet) -> ChangeSet {
        set.insert(self.category.clone()).insert(self.task.clone()).insert(self.view.clone())
    }

    const fn ids(&self) -> (CategoryId, TaskId, SavedViewId) {
        (self.category.id, self.task.id, self.view.id)
    }
}

impl Work {
    pub(super) async fn stored(scene: &Scene, user: UserId) -> Self {
        let [changing, doomed, bystander] =
            ["changing", "doomed", "bystander"].map(|name| Kinds::new(scene, user, name));
        scene.commit(bystander.added_to(doomed.added_to(changing.added_to(ChangeSet::new())))).await;
        Self { changing, doomed, bystander }
    }

    /// Every kind of change, none of which contradicts anything.
    pub(super) fn added_to(&self, set: ChangeSet, scene: &Scene) -> ChangeSet {
        let Kinds { category, task, view } = &self.changing;
        let renamed = category.renamed(category_name("changed"), scene.now());
        let lowered = Task { priority: Priority::Low, version: task.version.next(), ..task.clone() };
        let called = view.changed(Some(label("changed")), None, scene.now());
        Kinds::new(scene, task.created_by, "new")
            .added_to(set)
            .update(renamed, category.version)
            .update(lowered, task.version)
            .update(called, view.version)
            .delete(&self.doomed.task)
            .delete(&self.doomed.category)
            .delete(&self.doomed.view)
    }

    /// Each way to contradict what is stored, with what the store must answer.
    pub(super) fn guilty_changes(&self, scene: &Scene) -> Vec<(Change, Conflict)> {
        let Kinds { category, task, view } = &self.bystander;
        let never = Kinds::new(scene, task.created_by, "never");
        let other = Version::new(7);
        let insert_task = |task: Task| Change::Insert(task.into());
        let update_task = |task: &Task, expected| Change::Update { record: task.clone().into_editable(), expected };
        let insert_category = |category: Category| Change::Insert(category.into());
        let update_category =
            |category: &Category, expected| Change::Update { record: category.clone().into_editable(), expected };
        let insert_view = |view: SavedView| Change::Insert(view.into());
        let update_view =
            |view: &SavedView, expected| Change::Update { record: view.clone().into_editable(), expected };
        let same_name = Category { name: category_name("BYSTANDER"), ..never.category.clone() };
        let nobodys = SavedView { user_id: UserId::new(scene.uuid()), ..never.view.clone() };
        vec![
            (insert_task(Task { category_id: None, id: task.id, ..never.task.clone() }), Duplicate(UniqueKey::ID)),
            (insert_task(never.task.clone()), Missing(Category::KIND)),
            (update_task(task, other), Stale),
            (update_task(&never.task, never.task.version), Missing(Task::KIND)),
            (Change::Delete { id: EditableId::Task(task.id), expected: other }, Stale),
            (Change::Delete { id: EditableId::Task(never.task.id), expected: Version::FIRST }, Missing(Task::KIND)),
            (insert_category(same_name), Duplicate(Category::NAME)),
            (insert_category(Category { id: category.id, ..never.category.clone() }), Duplicate(UniqueKey::ID)),
            (update_category(category, other), Stale),
            (update_category(&never.category, Version::FIRST), Missing(Category::KIND)),
            (
                Change::Delete { id: EditableId::Category(category.id), expected: category.version },
                InUse(Category::KIND),
            ),
            (insert_view(SavedView { name: view.name.clone(), ..never.view.clone() }), Duplicate(SavedView::NAME)),
            (insert_view(nobodys), Missing(User::KIND)),
            (update_view(view, other), Stale),
            (update_view(&never.view, Version::FIRST), Missing(SavedView::KIND)),
            (Change::Delete { id: EditableId::SavedView(view.id), expected: other }, Stale),
        ]
    }

    /// What is there of what was stored before and of what these changes bring.
    pub(super) async fn left(&self, scene: &Scene, changes: &[Change]) -> Vec<Left> {
        let mut ids = vec![self.changing.ids(), self.doomed.ids(), self.bystander.ids()];
        let brought = |find: &dyn Fn(&Change) -> Option<uuid::Uuid>| changes.iter().find_map(find);
        let category = brought(&|change| match change {
            Change::Insert(AnyRecord::Category(category)) => Some(category.id.as_uuid()),
            _ => None,
        });
        let task = brought(&|change| match change {
            Change::Insert(AnyRecord::Task(task)) => Some(task.id.as_uuid()),
            _ => None,
        });
        let view = brought(&|change| match change {
            Change::Insert(AnyRecord::SavedView(view)) => Some(view.id.as_uuid()),
            _ => None,
        });
        if let (Some(category), Some(task), Some(view)) = (category, task, view) {
            ids.push((CategoryId::new(category), TaskId::new(task), SavedViewId::new(view)));
        }
        let mut left = Vec::new();
        for (category, task, view) in ids {
            let (category, task) = (scene.read_category(category).await, scene.read_task(task).await);
            left.push((category, task, scene.read_saved_view(view).await));
        }
        left
    }
}
