//! Tasks, with and without an incident: lifecycle and refusals.

use incident_domain::work::{TASK_TRANSITIONS, TaskStatus};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer, errors, send};

const TASKS: &str = "/api/v1/tasks";

async fn create(client: &Client, new: Value) -> Answer {
    let created = client.post(TASKS, new).await;
    assert_eq!(created.status, 201, "{created:?}");
    created
}

#[tokio::test]
async fn a_task_is_created_changed_and_deleted() {
    let server = TestServer::start().await;
    let (responder, manager) = (server.person("responder").await, server.person("manager").await);
    let created = create(&responder.client, json!({"title": "call the provider", "category": "Calls"})).await;
    let path = created.header("location").to_owned();
    assert_eq!(path, format!("{TASKS}/{}", created.text_of("id")));
    let expected = json!({
        "incident_id": null, "title": "call the provider", "description": null, "status": "todo",
        "priority": "medium", "category": "Calls", "assigned_to": null, "due_at": null, "created_by": responder.id,
        "version": 1, "allowed_transitions": ["in_progress", "cancelled"],
    });
    for (member, value) in expected.as_object().expect("an object") {
        assert_eq!(&created.body[member], value, "{member}");
    }
    assert_eq!(manager.client.get(&path).await.body, created.body);

    let change = json!({
        "status": "in_progress", "assigned_to": responder.id, "priority": "high", "category": "calls",
        "description": "they know our number", "due_at": "2026-02-01T01:30:00.1234567+02:00",
    });
    let begun = responder.client.patch(&path, change.clone()).await;
    assert_eq!(begun.status, 200, "{begun:?}");
    assert_eq!(begun.header("etag"), "\"2.1\"", "its own version and its category's");
    assert_eq!(begun.body["due_at"], "2026-01-31T23:30:00.123456Z");
    assert_eq!(begun.body["category"], "Calls", "a category is the same however it is written");
    assert_eq!(begun.body["allowed_transitions"], json!(["done", "cancelled"]));
    let nothing_new = responder.client.patch(&path, change).await;
    assert_eq!(nothing_new.body, begun.body, "equal values change nothing");

    let emptied = json!({"description": null, "category": null, "assigned_to": null, "due_at": null});
    let emptied = responder.client.patch(&path, emptied).await;
    for member in ["description", "category", "assigned_to", "due_at"] {
        assert!(emptied.body[member].is_null(), "{member}: {emptied:?}");
    }
    let taken_up_again = ["done", "in_progress", "cancelled"];
    for status in taken_up_again {
        assert_eq!(responder.client.patch(&path, json!({"status": status})).await.body["status"], status);
    }
    assert_eq!(responder.client.delete(&path).await.code(), (403, "forbidden"));
    assert_eq!(manager.client.delete(&path).await.status, 204);
    assert_eq!(manager.client.get(&path).await.code(), (404, "not_found"));
    assert_eq!(manager.client.delete(&path).await.code(), (404, "not_found"));
}

#[tokio::test]
async fn renaming_a_category_changes_the_entity_tag_of_its_tasks_and_they_stay_editable() {
    let server = TestServer::start().await;
    let manager = server.person("manager").await.client;
    let created = create(&manager, json!({"title": "call the provider", "category": "Calls"})).await;
    let (path, tag) = (created.header("location").to_owned(), created.header("etag").to_owned());
    let read_anew = |tag: &str| send(manager.request(Method::GET, &path).header("If-None-Match", tag));
    let change = |tag: &str, status: &str| {
        let request = manager.request(Method::PATCH, &path).header("If-Match", tag);
        send(request.json(&json!({"status": status})))
    };
    assert_eq!(read_anew(&tag).await.status, 304);

    let category = manager.get("/api/v1/categories").await.items()[0]["id"].as_str().expect("an id").to_owned();
    let renamed = manager.patch(&format!("/api/v1/categories/{category}"), json!({"name": "Phone"})).await;
    assert_eq!(renamed.status, 200, "{renamed:?}");
    let read = read_anew(&tag).await;
    assert_eq!(
        (read.status.as_u16(), &read.body["category"], &read.body["version"]),
        (200, &json!("Phone"), &json!(1))
    );
    assert_eq!(read_anew(read.header("etag")).await.status, 304);

    let changed = change(&tag, "in_progress").await;
    assert_eq!(changed.status, 200, "the task itself is unchanged: {changed:?}");
    for stale in [tag.as_str(), "\"1.2\"", "\"1\"", "W/\"2.2\"", "\"02.2\""] {
        assert_eq!(change(stale, "done").await.code(), (412, "precondition_failed"), "{stale}");
    }
    assert_eq!(change("\"2\"", "done").await.status, 200);
}

#[tokio::test]
async fn the_timeline_of_an_incident_contains_its_tasks_and_stays_whole() {
    let server = TestServer::start().await;
    let manager = server.person("manager").await.client;
    let incident = manager.open("checkout answers 500").await;
    let path = format!("/api/v1/incidents/{}", incident["number"].as_str().expect("a number"));
    let created = manager.post(&format!("{path}/tasks"), json!({"title": "roll back", "category": "Release"})).await;
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(created.body["incident_id"], incident["id"]);
    let by_number = create(&manager, json!({"title": "tell people", "incident_id": incident["number"]})).await;
    let task = format!("{TASKS}/{}", created.text_of("id"));
    let changed = manager.patch(&task, json!({"status": "in_progress", "category": "Deploy", "title": "roll it back"}));
    assert_eq!(changed.await.status, 200);
    assert_eq!(manager.patch(&task, json!({"status": "in_progress"})).await.status, 200);
    assert_eq!(manager.delete(&task).await.status, 204);

    let logs = manager.get(&format!("{path}/logs")).await;
    let found: Vec<(&str, &Value, &Value)> = logs
        .items()
        .iter()
        .map(|entry| {
            (entry["kind"].as_str().expect("a kind"), &entry["details"]["task_id"], &entry["details"]["field"])
        })
        .collect();
    let (id, other) = (&created.body["id"], &by_number.body["id"]);
    let expected = [
        ("opened", &Value::Null, &Value::Null),
        ("task_added", id, &Value::Null),
        ("task_added", other, &Value::Null),
        ("task_changed", id, &json!("status")),
        ("task_changed", id, &json!("title")),
        ("task_changed", id, &json!("category")),
        ("task_removed", id, &Value::Null),
    ];
    assert_eq!(found, expected);
    assert_eq!(logs.items()[5]["details"]["from"], "Release");
    assert_eq!(logs.items()[5]["details"]["to"], "Deploy");

    let verdict = manager.get(&format!("{path}/logs/verify")).await.body;
    assert_eq!((&verdict["verdict"], &verdict["entries_whole"]), (&json!("whole"), &json!(7)), "{verdict}");
    assert_eq!(manager.get(&path).await.body["version"], incident["version"], "the incident itself has not changed");

    assert_eq!(manager.get(&format!("{path}/tasks")).await.body["total"], 1);
    assert_eq!(manager.delete(&path).await.status, 204);
    let gone = manager.get(&format!("{TASKS}/{}", by_number.text_of("id"))).await;
    assert_eq!(gone.code(), (404, "not_found"), "a task is deleted with its incident");
}

#[tokio::test]
async fn every_other_transition_is_refused_with_the_allowed_ones() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let mut refused = 0;
    for from in TaskStatus::ALL {
        for to in TaskStatus::ALL.iter().filter(|to| *to != from && !TASK_TRANSITIONS.contains(&(*from, **to))) {
            let path = format!("{TASKS}/{}", create(&admin, json!({"title": "t"})).await.text_of("id"));
            let route: &[&str] = match from {
                TaskStatus::Todo => &[],
                TaskStatus::InProgress => &["in_progress"],
                TaskStatus::Done => &["in_progress", "done"],
                TaskStatus::Cancelled => &["cancelled"],
            };
            for step in route {
                assert_eq!(admin.patch(&path, json!({"status": step})).await.status, 200);
            }
            let before = admin.get(&path).await.body;
            let answer = admin.patch(&path, json!({"title": "another", "status": to.as_str()})).await;
            assert_eq!(answer.code(), (409, "transition_refused"), "{from} to {to}");
            let allowed: Vec<&str> = from.allowed().map(TaskStatus::as_str).collect();
            assert_eq!(answer.body["from"], from.as_str());
            assert_eq!(answer.body["to"], to.as_str());
            assert_eq!(answer.body["allowed"], json!(allowed), "{from} to {to}");
            assert_eq!(admin.get(&path).await.body, before, "a refused step takes the title with it");
            refused += 1;
        }
    }
    assert_eq!(refused, 7);
}

#[tokio::test]
async fn a_change_with_if_match_requires_the_current_version() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let path = format!("{TASKS}/{}", create(&admin, json!({"title": "t"})).await.text_of("id"));
    let with = |method, name: &'static str, tag: &'static str| admin.request(method, &path).header(name, tag);
    let get = || with(reqwest::Method::GET, "If-None-Match", "\"1\"");
    assert_eq!(crate::support::send(get()).await.status, 304);
    let retitle = |tag, title: &str| with(reqwest::Method::PATCH, "If-Match", tag).json(&json!({"title": title}));
    assert_eq!(crate::support::send(retitle("\"1\"", "u")).await.status, 200);
    assert_eq!(crate::support::send(retitle("\"1\"", "v")).await.code(), (412, "precondition_failed"));
    assert_eq!(crate::support::send(get()).await.status, 200);
    let delete = with(reqwest::Method::DELETE, "If-Match", "\"1\"");
    assert_eq!(crate::support::send(delete).await.code(), (412, "precondition_failed"));
}

#[tokio::test]
async fn invalid_tasks_are_refused_with_their_errors() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let path = format!("{TASKS}/{}", create(&admin, json!({"title": "t"})).await.text_of("id"));
    let unknown = "00000000-0000-7000-8000-000000000000";
    for (body, expected) in [
        (json!({}), " required"),
        (json!({"title": " "}), "/title blank"),
        (json!({"title": "t", "priority": "urgent"}), "/priority unknown_value"),
        (json!({"title": "t", "status": "done"}), "/status unknown_field"),
        (json!({"title": "t", "category": ""}), "/category blank"),
        (json!({"title": "t", "due_at": "tomorrow"}), "/due_at not_a_time"),
        (json!({"title": "t", "due_at": 5}), "/due_at wrong_type"),
        (json!({"title": "t", "assigned_to": unknown}), "/assigned_to unknown_user"),
        (json!({"title": "t", "incident_id": "7"}), "/incident_id not_an_incident_reference"),
        (json!({"title": "t", "incident_id": "INC-999999"}), "/incident_id unknown_incident"),
        (json!({"title": "t", "incident_id": unknown}), "/incident_id unknown_incident"),
    ] {
        let (pointer, code) = admin.post(TASKS, body.clone()).await.invalid();
        assert_eq!(format!("{pointer} {code}"), expected, "{body}");
    }
    for (body, expected) in [
        (json!({"title": null}), "/title null_not_allowed"),
        (json!({"status": null}), "/status null_not_allowed"),
        (json!({"status": "open"}), "/status unknown_value"),
        (json!({"due_at": "soon"}), "/due_at not_a_time"),
        (json!({"incident_id": unknown}), "/incident_id unknown_field"),
    ] {
        let (pointer, code) = admin.patch(&path, body.clone()).await.invalid();
        assert_eq!(format!("{pointer} {code}"), expected, "{body}");
    }
    let all = admin.post(TASKS, json!({"title": "", "priority": "p", "due_at": "d"})).await;
    assert_eq!(errors(&all).len(), 3, "all errors are reported: {all:?}");
    assert_eq!(admin.patch(&path, json!({})).await.code(), (400, "empty_patch"));
    for missing in [format!("{TASKS}/{unknown}"), format!("{TASKS}/7")] {
        assert_eq!(admin.get(&missing).await.code(), (404, "not_found"));
        assert_eq!(admin.patch(&missing, json!({"title": "t"})).await.code(), (404, "not_found"));
    }
    for incident in ["INC-999999", unknown] {
        let missing = format!("/api/v1/incidents/{incident}/tasks");
        assert_eq!(admin.get(&missing).await.code(), (404, "not_found"));
        assert_eq!(admin.post(&missing, json!({"title": "t"})).await.code(), (404, "not_found"));
    }
}
