//! Descriptions, comments and tasks of a log.

use incident_application::work::{LoggedTask, Standing};
use incident_domain::{
    incidents::{EntryDetails, EntryKind, Priority, TaskField},
    kernel::{Actor, Description, EventLog, Note, Title},
    work::{TaskRepository, TaskStatus},
};

use crate::scene::{Log, Scene, minute_at};

#[tokio::test]
async fn descriptions_and_comments_are_kept() {
    let scene = Scene::new();
    let mut log = Log::new();
    let incident = log.add("L1", &[Standing::Investigating, Standing::Investigating]);
    incident.description = Some(Description::parse("since the update").unwrap());
    incident.updates[1].comment = Some(Note::parse("asked the vendor").unwrap());
    scene.replay(&log.log).await;

    let (incident, entries) = scene.only().await;
    assert_eq!(incident.description.as_ref().map(Description::as_str), Some("since the update"));
    let last = entries.last().unwrap();
    let ute = Actor::User(scene.user("Ute").await.id);
    assert_eq!((last.kind(), last.at, &last.actor), (EntryKind::Commented, minute_at(2), &ute));
    assert_eq!(last.message.as_ref().unwrap().as_str(), "asked the vendor");
    let extra_entries = entries.iter().filter(|entry| entry.kind() == EntryKind::Imported).count();
    assert_eq!(extra_entries, 1, "an update with a comment needs no extra entry");
}

#[tokio::test]
async fn tasks_are_added_and_completed_with_the_updates_of_the_log() {
    let scene = Scene::new();
    let mut log = Log::new();
    let (rita, carl) = (log.person("Rita"), log.person("Carl"));
    let incident = log.add("L1", &[Standing::Investigating, Standing::Resolved, Standing::Closed]);
    let task = |title: &str, done_with| LoggedTask {
        title: Title::parse(title).unwrap(),
        priority: Priority::High,
        by: carl,
        assigned_to: Some(rita),
        due_at: Some(minute_at(60)),
        added_with: 0,
        done_with,
    };
    incident.tasks = vec![task("tell the customers", Some(1)), task("update the runbook", None)];
    scene.replay(&log.log).await;

    let (incident, entries) = scene.only().await;
    let (rita, carl, ute) = (scene.user("Rita").await.id, scene.user("Carl").await.id, scene.user("Ute").await.id);
    let tasks = scene.memory.of_incidents(&[incident.id], 10).await.unwrap();
    let states: Vec<_> = tasks.iter().map(|task| (task.title.as_str(), task.status, task.updated_at)).collect();
    let (done, todo) = (TaskStatus::Done, TaskStatus::Todo);
    assert_eq!(states, [("tell the customers", done, minute_at(2)), ("update the runbook", todo, minute_at(1))]);
    for task in &tasks {
        assert_eq!((task.created_by, task.assigned_to, task.due_at), (carl, Some(rita), Some(minute_at(60))));
    }

    let of_tasks: Vec<_> = entries
        .iter()
        .filter_map(|entry| match &entry.details {
            EntryDetails::TaskAdded { title, .. } => Some((entry.at, entry.actor.user()?, title.as_str())),
            EntryDetails::TaskChanged { field: TaskField::Status, to, .. } => {
                Some((entry.at, entry.actor.user()?, to.as_deref()?))
            }
            _ => None,
        })
        .collect();
    let (first, second) = (minute_at(1), minute_at(2));
    assert_eq!(
        of_tasks,
        [
            (first, carl, "tell the customers"),
            (first, carl, "update the runbook"),
            (second, ute, "in_progress"),
            (second, ute, "done"),
        ]
    );
    let events = scene.memory.after(0, 100).await.unwrap();
    let kinds: Vec<&str> =
        events.iter().map(|logged| logged.event.kind.as_str()).filter(|kind| kind.starts_with("task.")).collect();
    assert_eq!(kinds, ["task.created.v1", "task.changed.v1", "task.changed.v1", "task.created.v1"]);
}
