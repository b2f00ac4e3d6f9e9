//! Tasks, views, lists, searches, bulk changes, statistics and exports.

use futures::TryStreamExt;
use incident_client::{
    BulkChange, Client, Direction, Expected, ExportFormat, FoundIn, IncidentFilter, IncidentSort, ItemOutcome,
    NewIncident, NewSavedView, NewTask, Priority, ProblemCode, Role, SavedViewPatch, Span, StatisticsQuery, Status,
    TaskFilter, TaskPatch, TaskSort, TaskStatus, UserFilter, UserSort, ViewedList,
};

use super::{open, typed};
use crate::support::TestServer;

/// Returns a server and the client of a manager.
async fn managed() -> (TestServer, Client) {
    let server = TestServer::start().await;
    let client = typed(&server.client().url, &server.person("manager").await).await;
    (server, client)
}

#[tokio::test]
async fn a_task_and_its_category_have_a_complete_lifecycle() {
    let (_server, client) = managed().await;
    let (incidents, tasks) = (client.incidents(), client.tasks());
    let incident = open(&client, "checkout answers 500").await;
    let due_at = "2030-01-31T12:00:00Z".parse().expect("a time");
    let new = NewTask::titled("inform the shop").category("Communication").due_at(due_at).priority(Priority::High);
    let task = incidents.add_task(&incident.number, &new).await.expect("a task");
    assert_eq!((task.incident_id, task.status, task.due_at), (Some(incident.id), TaskStatus::Todo, Some(due_at)));
    let alone = tasks.create(&NewTask::titled("buy coffee")).await.expect("a task");
    assert_eq!(alone.incident_id, None);

    let of_incident: Vec<_> = incidents.tasks(incident.id).try_collect().await.expect("its tasks");
    assert_eq!(of_incident, std::slice::from_ref(&task));
    let filter = TaskFilter::default().sort(TaskSort::DueAt, Direction::Ascending).page_size(1);
    let all: Vec<_> = tasks.list(&filter).map_ok(|task| task.id).try_collect().await.expect("all tasks");
    assert_eq!(all, [task.id, alone.id], "tasks without a due time come last");
    let with_tasks = IncidentFilter::default().include_logs().include_tasks();
    let listed: Vec<_> = client.incidents_with_tasks().list(&with_tasks).try_collect().await.expect("all incidents");
    assert_eq!(listed[0].tasks, std::slice::from_ref(&task));
    assert!(!listed[0].incident.logs.is_empty());

    let patch = TaskPatch::to(TaskStatus::InProgress).due_at(None).title("inform all shops");
    let task = tasks.patch(task.id, &patch, Expected::Version(task.version)).await.expect("a step");
    assert_eq!((task.status, task.due_at, task.title.as_str()), (TaskStatus::InProgress, None, "inform all shops"));
    assert_eq!(tasks.get(task.id).await.expect("the task"), task);
    let refused = tasks.patch(task.id, &TaskPatch::to(TaskStatus::InProgress), Expected::Version(1)).await;
    assert_eq!(refused.expect_err("a stale version").code(), Some(ProblemCode::PreconditionFailed));

    let categories = client.categories();
    let known = categories.get_or_create("communication").await.expect("the existing category");
    assert_eq!(known.name, "Communication");
    let renamed = categories.rename(known.id, "Talking", Expected::Version(known.version)).await.expect("renamed");
    assert_eq!(categories.get(known.id).await.expect("the category"), renamed);
    let in_use = categories.delete(known.id, Expected::AnyVersion).await.expect_err("a task is of it");
    assert_eq!(in_use.code(), Some(ProblemCode::CategoryInUse));
    tasks.delete(task.id, Expected::AnyVersion).await.expect("removed");
    categories.delete(known.id, Expected::AnyVersion).await.expect("removed");
    let left: Vec<_> = categories.all().try_collect().await.expect("all categories");
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(tasks.page(&TaskFilter::default(), 1).await.expect("a page").total, 1);
}

#[tokio::test]
async fn a_saved_view_filters_lists() {
    let (_server, client) = managed().await;
    let critical = NewIncident::titled("checkout answers 500").priority(Priority::Critical);
    let critical = client.incidents().open(&critical).await.expect("it is open");
    open(&client, "mail is slow").await;

    let views = client.views();
    let filter = IncidentFilter::default().priority(&[Priority::Critical]);
    let view = views.create(&NewSavedView::of_incidents("mine", &filter)).await.expect("a view");
    assert_eq!((view.list, view.filter["priority"].as_str()), (ViewedList::Incidents, "critical"));
    let shown = IncidentFilter::default().view(view.id);
    let shown: Vec<_> = client.incidents().list(&shown).map_ok(|found| found.id).try_collect().await.expect("a list");
    assert_eq!(shown, [critical.id]);

    let patch = SavedViewPatch::default().name("all").incidents(&IncidentFilter::default().status(&[Status::Open]));
    let view = views.patch(view.id, &patch, Expected::Version(view.version)).await.expect("changed");
    assert_eq!((view.name.as_str(), view.filter.len()), ("all", 1));
    assert_eq!(views.get(view.id).await.expect("the view"), view);
    let of_tasks = NewSavedView::of_tasks("to do", &TaskFilter::default().status(&[TaskStatus::Todo]));
    let of_tasks = views.create(&of_tasks).await.expect("a view");
    assert_eq!(views.list().await.expect("all views").len(), 2);
    for view in [view.id, of_tasks.id] {
        views.delete(view, Expected::AnyVersion).await.expect("removed");
    }
    assert!(views.list().await.expect("all views").is_empty());
}

#[tokio::test]
async fn lists_accept_conditions_orders_and_fields() {
    let (server, client) = managed().await;
    let labelled = |title: &str, team: &str, priority| {
        NewIncident::titled(title).label("team", team).label("env", "prod").priority(priority)
    };
    for new in [
        labelled("the low one", "payments", Priority::Low),
        labelled("the critical one", "payments", Priority::Critical),
        labelled("the other team's", "mail", Priority::Low),
    ] {
        client.incidents().open(&new).await.expect("it is open");
    }
    let filter = IncidentFilter::default().label("team", "payments").label("env", "prod");
    let filter = filter.opened_since("2020-01-01T00:00:00Z".parse().expect("a time")).words("one");
    let filter = filter.sort(IncidentSort::Priority, Direction::Descending);
    let titles: Vec<_> =
        client.incidents().list(&filter).map_ok(|incident| incident.title).try_collect().await.expect("a list");
    assert_eq!(titles, ["the low one", "the critical one"]);
    let parts: Vec<_> = client.incidents().list_fields(&filter, &["title"]).try_collect().await.expect("a list");
    assert_eq!(parts[0].keys().collect::<Vec<_>>(), ["id", "title"]);

    let me = client.users().rename_me("Grace", Expected::AnyVersion).await.expect("renamed");
    let admin = typed(&server.client().url, &server.person("admin").await).await;
    let managers = UserFilter::default().role(&[Role::Manager, Role::Viewer]).is_active(true).email_part(&me.email);
    let managers = managers.sort(UserSort::Email, Direction::Ascending);
    let found: Vec<_> = admin.users().list(&managers).map_ok(|user| user.name).try_collect().await.expect("a list");
    assert_eq!(found, ["Grace"]);
    let others: Vec<_> = admin.users().list(&managers.is_active(false)).try_collect().await.expect("a list");
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test]
async fn search_results_are_paged_with_marked_matches() {
    let (_server, client) = managed().await;
    for number in 0..60 {
        open(&client, &format!("checkout answers {}", 500 + number)).await;
    }
    let other = open(&client, "mail is slow").await;
    client.incidents().comment(other.id, "the checkout hangs too").await.expect("a comment");
    let found: Vec<_> = client.search().incidents("checkout").try_collect().await.expect("a search");
    assert_eq!(found.len(), 61);
    let last = &found[60];
    assert_eq!((last.incident.id, last.found_in), (other.id, FoundIn::Comment));
    let matches = last.highlights.iter().flat_map(|highlight| &highlight.fragments).filter(|part| part.is_match);
    assert_eq!(matches.map(|part| part.text.as_str()).collect::<Vec<_>>(), ["checkout"]);
}

#[tokio::test]
async fn incidents_are_changed_in_bulk_counted_and_exported() {
    let (_server, client) = managed().await;
    let incidents = client.incidents();
    let (first, second) = (open(&client, "the first").await, open(&client, "the second").await);
    let change = BulkChange::to([first.number.as_str(), "INC-999999", second.id.to_string().as_str()])
        .label("team", "payments")
        .status(Status::Investigating);
    let changed = incidents.bulk(&change).await.expect("a result for each");
    assert_eq!((changed.succeeded, changed.failed), (2, 1));
    let outcomes: Vec<_> = changed.items.iter().map(|item| item.outcome).collect();
    assert_eq!(outcomes, [ItemOutcome::Changed, ItemOutcome::Refused, ItemOutcome::Changed]);
    let error = changed.items[1].error.as_ref().expect("why");
    assert_eq!((error.status, error.code.as_str()), (404, "not_found"));
    assert_eq!(incidents.get(first.id).await.expect("the first").labels["team"], "payments");

    let query = StatisticsQuery::of(&IncidentFilter::default().label("team", "payments").page_size(7));
    let query = query.by(Span::Day).time_zone("Europe/Berlin").include_hold_time(false);
    let numbers = client.statistics().incidents(&query).await.expect("the numbers");
    assert_eq!((numbers.overall.incidents, numbers.overall.time_to_acknowledge.count), (2, 2));
    let investigated = numbers.by_status.iter().find(|count| count.status == Status::Investigating);
    assert_eq!(investigated.map(|count| count.count), Some(2));
    let in_buckets: u64 = numbers.buckets.iter().map(|bucket| bucket.numbers.incidents).sum();
    assert_eq!(in_buckets, 2);
    assert!(numbers.computed_at >= first.created_at);

    let filter = IncidentFilter::default().include_tasks();
    let mut csv = Vec::new();
    let mut export = incidents.export(&filter, ExportFormat::Csv).await.expect("it begins");
    while let Some(chunk) = export.chunk().await.expect("the export continues") {
        csv.extend(chunk);
    }
    let csv = String::from_utf8(csv).expect("text");
    assert_eq!(csv.lines().count(), 3, "{csv}");
    assert!(csv.contains(&first.number) && csv.contains(&second.number), "{csv}");
    let export = incidents.export(&filter, ExportFormat::Json).await.expect("it begins");
    let json: Vec<u8> = export.into_stream().try_concat().await.expect("the export continues");
    let exported: Vec<incident_client::Incident> = serde_json::from_slice(&json).expect("incidents");
    assert_eq!(exported.iter().map(|incident| incident.id).collect::<Vec<_>>(), [first.id, second.id]);
}
