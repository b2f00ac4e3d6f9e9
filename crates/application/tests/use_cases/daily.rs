//! Tasks, categories and saved views: required roles, events and actions of changes, and refusals.

use std::future::Future;

use incident_application::{
    incidents::IncidentRef,
    kernel::{Command, Precondition, Principal, QueryError},
    work::{
        Categories, CategoryError, NamedTask, NewSavedView, NewTask, SavedViewError, SavedViewRule, SavedViews,
        TaskChange, TaskError, TaskPorts, TaskSelection, Tasks,
    },
};
use incident_domain::{
    identity::Role,
    incidents::{IncidentId, Priority, TimelineKey},
    kernel::{
        EventLog, IdGenerator, Label, ListCursor, Outcome, PageRequest, PageSize, Patch, TaskId, Title, UserId,
        ViewFilter,
    },
    work::{Category, CategoryName, SavedView, TaskSort, TaskStatus, ViewedList},
};

use crate::scene::{KEY, Scene, id_of};

const NONE: Precondition = Precondition::None;

const FIRST_PAGE: PageRequest<ListCursor> = PageRequest::Numbered { page: 1, size: PageSize::DEFAULT };

/// The services of tasks, categories and saved views over a scene's store.
pub(crate) struct Daily {
    pub(crate) tasks: Tasks,
    pub(crate) categories: Categories,
    pub(crate) views: SavedViews,
}

impl Daily {
    pub(crate) fn of(scene: &Scene) -> Self {
        let Scene { store, runner, .. } = scene;
        let tasks = TaskPorts {
            tasks: store.clone(),
            categories: store.clone(),
            incidents: store.clone(),
            timeline: store.clone(),
            users: store.clone(),
        };
        Self {
            tasks: Tasks::new(runner.clone(), tasks, TimelineKey::new(KEY)),
            categories: Categories::new(runner.clone(), store.clone()),
            views: SavedViews::new(runner.clone(), store.clone()),
        }
    }

    async fn task(&self, caller: &Principal, new: NewTask) -> Result<NamedTask, TaskError> {
        self.tasks.create(Command::new(caller), new).await
    }

    async fn change(&self, caller: &Principal, id: TaskId, change: TaskChange) -> Result<NamedTask, TaskError> {
        self.tasks.change(Command::new(caller), id, &change, &NONE).await
    }

    async fn category(&self, caller: &Principal, name: &str) -> Result<Category, CategoryError> {
        self.categories.name(Command::new(caller), category(name)).await.map(|named| named.category)
    }

    pub(crate) async fn view(&self, caller: &Principal, name: &str) -> Result<SavedView, SavedViewError> {
        self.views.save(Command::new(caller), new_view(name)).await
    }
}

fn category(name: &str) -> CategoryName {
    CategoryName::parse(name).expect("a name")
}

fn label(text: &str) -> Label {
    Label::parse(text).expect("a label")
}

pub(crate) fn new_task(assigned_to: Option<UserId>) -> NewTask {
    NewTask {
        incident: None,
        title: Title::parse("call the provider").expect("a title"),
        description: None,
        priority: Priority::High,
        category: None,
        assigned_to,
        due_at: None,
    }
}

fn new_view(name: &str) -> NewSavedView {
    NewSavedView {
        name: label(name),
        list: ViewedList::Tasks,
        filter: ViewFilter::parse(r#"{"status":"todo"}"#).expect("conditions"),
    }
}

fn step(status: TaskStatus) -> TaskChange {
    TaskChange { status: Some(status), ..TaskChange::default() }
}

fn assign(assigned_to: Patch<UserId>) -> TaskChange {
    TaskChange { assigned_to, ..TaskChange::default() }
}

/// The operations, each with the least role that permits it.
const LEAST: &[(&str, Role)] = &[
    ("read a task", Role::Viewer),
    ("list tasks", Role::Viewer),
    ("create a task", Role::Responder),
    ("create a task for oneself", Role::Responder),
    ("create a task for another user", Role::Manager),
    ("work on a task", Role::Responder),
    ("assign a task to oneself", Role::Responder),
    ("assign a task to another user", Role::Manager),
    ("unassign a task of another user", Role::Manager),
    ("delete a task", Role::Manager),
    ("read a category", Role::Viewer),
    ("list categories", Role::Viewer),
    ("name a category", Role::Responder),
    ("rename a category", Role::Manager),
    ("delete a category", Role::Manager),
    ("save a view", Role::Viewer),
    ("list views", Role::Viewer),
];

/// Why an operation failed: the caller's role was insufficient, or another reason.
#[derive(Debug)]
enum Failure {
    Forbidden,
    Other(#[expect(dead_code, reason = "it is shown when a test fails")] String),
}

macro_rules! failures {
    ($($error:ident),+) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                match error {
                    $error::Forbidden(_) => Self::Forbidden,
                    other => Self::Other(format!("{other:?}")),
                }
            }
        }
    )+};
}

failures!(TaskError, CategoryError, SavedViewError, QueryError);

async fn attempt(scene: &Scene, caller: &Principal, what: &str) -> Result<(), Failure> {
    let (daily, admin) = (Daily::of(scene), scene.caller(Role::Admin).await);
    let other = scene.user(Role::Responder, true).await.id;
    let given = daily.task(&admin, new_task(Some(other))).await?.task.id;
    let free = daily.task(&admin, new_task(None)).await?.task.id;
    let known = daily.category(&admin, &format!("known {}", scene.ids.next_id())).await?.id;
    let name = || category(&format!("new {}", scene.ids.next_id()));
    match what {
        "read a task" => drop(daily.tasks.get(caller, free).await?),
        "list tasks" => {
            drop(daily.tasks.list(caller, &TaskSelection::default(), TaskSort::default(), FIRST_PAGE).await?);
        }
        "create a task" => drop(daily.task(caller, new_task(None)).await?),
        "create a task for oneself" => drop(daily.task(caller, new_task(Some(id_of(caller)))).await?),
        "create a task for another user" => drop(daily.task(caller, new_task(Some(other))).await?),
        "work on a task" => drop(daily.change(caller, free, step(TaskStatus::InProgress)).await?),
        "assign a task to oneself" => drop(daily.change(caller, free, assign(Patch::Set(id_of(caller)))).await?),
        "assign a task to another user" => drop(daily.change(caller, free, assign(Patch::Set(other))).await?),
        "unassign a task of another user" => drop(daily.change(caller, given, assign(Patch::Clear)).await?),
        "delete a task" => daily.tasks.delete(Command::new(caller), free, &NONE).await?,
        "read a category" => drop(daily.categories.get(caller, known).await?),
        "list categories" => drop(daily.categories.list(caller, FIRST_PAGE).await?),
        "name a category" => drop(daily.categories.name(Command::new(caller), name()).await?),
        "rename a category" => drop(daily.categories.rename(Command::new(caller), known, name(), &NONE).await?),
        "delete a category" => daily.categories.delete(Command::new(caller), known, &NONE).await?,
        "save a view" => drop(daily.view(caller, "Open incidents").await?),
        "list views" => drop(daily.views.list(caller).await?),
        other => panic!("unknown operation: {other}"),
    }
    Ok(())
}

#[tokio::test]
async fn each_role_permits_exactly_the_operations_of_the_design() {
    let scene = Scene::new();
    for (what, least) in LEAST {
        for role in Role::ALL {
            let caller = scene.caller(*role).await;
            match attempt(&scene, &caller, what).await {
                Ok(()) => assert!(role >= least, "{role} may not {what}"),
                Err(Failure::Forbidden) => assert!(role < least, "{role} may {what}"),
                Err(other) => panic!("{role} cannot {what}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn every_change_leaves_its_events_and_its_actions() {
    let scene = Scene::new();
    let (daily, manager) = (Daily::of(&scene), scene.caller(Role::Manager).await);
    let incident = IncidentRef::Id(scene.open(&manager).await.id);
    let new = NewTask { incident: Some(incident), category: Some(category("Calls")), ..new_task(None) };
    let made = daily.task(&manager, new).await.expect("made");
    daily.change(&manager, made.task.id, step(TaskStatus::InProgress)).await.expect("begun");
    daily.change(&manager, made.task.id, step(TaskStatus::InProgress)).await.expect("nothing new");
    daily.tasks.delete(Command::new(&manager), made.task.id, &NONE).await.expect("deleted");
    let calls = made.task.category_id.expect("a category");
    daily.categories.rename(Command::new(&manager), calls, category("Phone"), &NONE).await.expect("renamed");
    daily.categories.delete(Command::new(&manager), calls, &NONE).await.expect("deleted");
    let view = daily.view(&manager, "Open incidents").await.expect("saved");
    let name = Some(label("Open warnings"));
    daily.views.change(Command::new(&manager), view.id, name, None, &NONE).await.expect("changed");
    daily.views.delete(Command::new(&manager), view.id, &NONE).await.expect("deleted");

    let events = scene.store.after(0, 100).await.expect("events");
    let pretty = |json: &str| {
        let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
        serde_json::to_string_pretty(&value).expect("JSON")
    };
    let shown = events.iter().map(|logged| format!("{}\n{}", logged.event.kind, pretty(&logged.event.payload)));
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n\n"));

    let mut kinds: Vec<String> = scene.actions().await.into_iter().map(|action| action.kind).collect();
    kinds.reverse();
    let (task, in_category) = (["task.transition", "task.delete"], ["category.rename", "category.delete"]);
    let of_view = ["saved_view.create", "saved_view.update", "saved_view.delete"];
    let mut made: Vec<String> = kinds.drain(1..3).collect();
    made.sort();
    assert_eq!(made, ["category.create", "task.create"], "both in one change set");
    let rest: Vec<&str> = ["incident.open"].into_iter().chain(task).chain(in_category).chain(of_view).collect();
    assert_eq!(kinds, rest);
}

/// Runs a command that is refused, and returns the kind and the reason of its action in the audit log.
async fn refused<T, E>(scene: &Scene, work: impl Future<Output = Result<T, E>>) -> (String, String) {
    let events = scene.store.after(0, 1000).await.expect("events").len();
    let actions = scene.actions().await.len();
    assert!(work.await.is_err(), "the command succeeded");
    assert_eq!(scene.store.after(0, 1000).await.expect("events").len(), events, "a refused command left an event");
    let mut now = scene.actions().await;
    assert_eq!(now.len(), actions + 1, "one action for each refusal");
    let action = now.remove(0);
    match action.outcome {
        Outcome::Refused { because } => (action.kind, because),
        Outcome::Done => panic!("{} is recorded as done", action.kind),
    }
}

#[tokio::test]
async fn refusals_are_audited_with_their_causes() {
    let scene = Scene::new();
    let (daily, manager) = (Daily::of(&scene), scene.caller(Role::Manager).await);
    let viewer = scene.caller(Role::Viewer).await;
    let gone = scene.user(Role::Responder, false).await.id;
    let id = daily.task(&manager, new_task(None)).await.expect("made").task.id;
    let used = NewTask { category: Some(category("Calls")), ..new_task(None) };
    let calls = daily.task(&manager, used).await.expect("made").task.category_id.expect("a category");
    daily.category(&manager, "Mail").await.expect("named");
    let view = daily.view(&manager, "Open incidents").await.expect("saved").id;
    let stale = Precondition::Versions(vec![]);
    let nothing = IncidentRef::Id(IncidentId::new(scene.ids.next_id()));

    let refusals = [
        refused(&scene, daily.task(&viewer, new_task(None))).await,
        refused(&scene, daily.task(&manager, new_task(Some(gone)))).await,
        refused(&scene, daily.task(&manager, NewTask { incident: Some(nothing), ..new_task(None) })).await,
        refused(&scene, daily.change(&manager, id, step(TaskStatus::Done))).await,
        refused(&scene, daily.change(&manager, TaskId::new(scene.ids.next_id()), step(TaskStatus::Done))).await,
        refused(&scene, daily.change(&manager, id, assign(Patch::Set(gone)))).await,
        refused(&scene, daily.tasks.delete(Command::new(&manager), id, &stale)).await,
        refused(&scene, daily.category(&viewer, "Letters")).await,
        refused(&scene, daily.categories.rename(Command::new(&manager), calls, category("mail"), &NONE)).await,
        refused(&scene, daily.categories.delete(Command::new(&manager), calls, &NONE)).await,
        refused(&scene, daily.view(&manager, "Open incidents")).await,
        refused(&scene, daily.views.delete(Command::new(&viewer), view, &NONE)).await,
        refused(&scene, daily.views.change(Command::new(&manager), view, None, None, &stale)).await,
    ];
    let refusals = refusals.map(|(kind, because)| format!("{kind}: {because}"));
    assert_eq!(
        refusals,
        [
            "task.create: forbidden",
            "task.create: unknown_user",
            "task.create: unknown_incident",
            "task.transition: transition_refused",
            "task.transition: not_found",
            "task.update: unknown_user",
            "task.delete: precondition_failed",
            "category.create: forbidden",
            "category.rename: category_name_taken",
            "category.delete: category_in_use",
            "saved_view.create: view_name_taken",
            "saved_view.delete: not_found",
            "saved_view.update: precondition_failed",
        ]
    );
    for n in 1..SavedView::PER_USER_MAX {
        daily.view(&manager, &format!("view {n}")).await.expect("saved");
    }
    let too_many = daily.view(&manager, "one more").await;
    assert!(matches!(too_many, Err(SavedViewError::Rule(SavedViewRule::TooMany))), "{too_many:?}");
}
