//! Saved views: private to their user, and validated by their list.

use serde_json::{Value, json};

use crate::support::{Client, TestServer, errors, send};

const VIEWS: &str = "/api/v1/users/me/views";

async fn save(client: &Client, name: &str, list: &str, filter: Value) -> String {
    let saved = client.post(VIEWS, json!({"name": name, "list": list, "filter": filter})).await;
    assert_eq!(saved.status, 201, "{saved:?}");
    assert_eq!(saved.body["filter"], filter);
    assert_eq!(saved.header("location"), format!("{VIEWS}/{}", saved.text_of("id")));
    saved.text_of("id")
}

#[tokio::test]
async fn parameters_of_a_request_override_those_of_its_view() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for priority in ["low", "critical", "high", "critical"] {
        let title = format!("a {priority} one");
        let new = json!({"title": title, "priority": priority});
        assert_eq!(admin.post("/api/v1/tasks", new.clone()).await.status, 201);
        assert_eq!(admin.post("/api/v1/incidents", new).await.status, 201);
    }
    for (list, status) in [("tasks", "todo"), ("incidents", "open")] {
        let filter = json!({"status": status, "priority": "critical,high", "sort": "priority", "fields": "priority"});
        let view = save(&admin, list, list, filter).await;
        let seen = async |query: &str| {
            let answer = admin.get(&format!("/api/v1/{list}?view={view}{query}")).await;
            let items = answer.items().iter();
            items.map(|item| item["priority"].as_str().unwrap_or("?").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(seen("").await, ["critical", "critical", "high"], "{list}");
        assert_eq!(seen("&sort=-priority").await, ["high", "critical", "critical"], "{list}");
        assert_eq!(seen("&priority=low").await, ["low"], "{list}");
        assert_eq!(seen("&fields=title&page_size=1").await, ["?"], "{list}");
        assert_eq!(seen("&page_size=2&page=2").await, ["high"], "{list}");
        let other = if list == "tasks" { "incidents" } else { "tasks" };
        let misplaced = admin.get(&format!("/api/v1/{other}?view={view}")).await;
        assert_eq!(misplaced.invalid(), ("?view".to_owned(), "does_not_fit".to_owned()));
    }
}

#[tokio::test]
async fn a_view_is_changed_and_deleted_by_its_owner_only() {
    let server = TestServer::start().await;
    let (owner, other) = (server.person("viewer").await.client, server.admin().await);
    let id = save(&owner, "critical ones", "incidents", json!({"priority": "critical"})).await;
    let path = format!("{VIEWS}/{id}");
    assert_eq!(other.get(&path).await.code(), (404, "not_found"));
    assert_eq!(other.patch(&path, json!({"name": "mine"})).await.code(), (404, "not_found"));
    assert_eq!(other.patch(&path, json!({"filter": {}})).await.code(), (404, "not_found"));
    assert_eq!(other.delete(&path).await.code(), (404, "not_found"));
    assert_eq!(other.get(&format!("/api/v1/incidents?view={id}")).await.invalid().1, "unknown_view");
    assert_eq!(other.get(VIEWS).await.items().len(), 0);

    let changed = owner.patch(&path, json!({"name": "high ones", "filter": {"priority": "high"}})).await;
    assert_eq!((changed.status.as_u16(), changed.header("etag")), (200, "\"2\""), "{changed:?}");
    assert_eq!(changed.body["filter"], json!({"priority": "high"}));
    save(&owner, "others", "tasks", json!({})).await;
    assert_eq!(owner.patch(&path, json!({"name": "others"})).await.code(), (409, "view_name_taken"));
    let again = json!({"name": "others", "list": "incidents", "filter": {}});
    assert_eq!(owner.post(VIEWS, again).await.code(), (409, "view_name_taken"));
    let names: Vec<Value> = owner.get(VIEWS).await.items().iter().map(|view| view["name"].clone()).collect();
    assert_eq!(names, ["high ones", "others"]);

    let stale = owner.request(reqwest::Method::PATCH, &path).header("If-Match", "\"1\"").json(&json!({"name": "n"}));
    assert_eq!(send(stale).await.code(), (412, "precondition_failed"));
    let unchanged = owner.request(reqwest::Method::GET, &path).header("If-None-Match", "\"2\"");
    assert_eq!(send(unchanged).await.status, 304);
    assert_eq!(owner.patch(&path, json!({})).await.code(), (400, "empty_patch"));
    assert_eq!(owner.delete(&path).await.status, 204);
    assert_eq!(owner.get(&path).await.code(), (404, "not_found"));
}

#[tokio::test]
async fn conditions_that_the_list_does_not_accept_are_refused() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for (list, filter, expected) in [
        ("tasks", json!({"status": "open"}), vec!["/filter/status unknown_value"]),
        ("incidents", json!({"status": "todo"}), vec!["/filter/status unknown_value"]),
        ("tasks", json!({"status": ["todo"]}), vec!["/filter/status wrong_type"]),
        ("tasks", json!({"status": null}), vec!["/filter/status wrong_type"]),
        ("tasks", json!({"service": "checkout"}), vec!["/filter/service unknown_field"]),
        ("tasks", json!({"sort": "title"}), vec!["/filter/sort unknown_value"]),
        ("tasks", json!({"fields": "secret"}), vec!["/filter/fields unknown_value"]),
        ("incidents", json!({"include": "people"}), vec!["/filter/include unknown_value"]),
        ("tasks", json!({"page": "2"}), vec!["/filter/page unknown_field"]),
        ("tasks", json!({"page_size": "2"}), vec!["/filter/page_size unknown_field"]),
        ("tasks", json!({"cursor": ""}), vec!["/filter/cursor unknown_field"]),
        ("tasks", json!({"view": "1"}), vec!["/filter/view unknown_field"]),
        ("tasks", json!({"category": "c".repeat(129)}), vec!["/filter/category too_long"]),
        (
            "tasks",
            json!({"due_since": "now", "priority": "p"}),
            vec!["/filter/due_since not_a_time", "/filter/priority unknown_value"],
        ),
    ] {
        let answer = admin.post(VIEWS, json!({"name": "v", "list": list, "filter": filter})).await;
        let found: Vec<String> = errors(&answer).iter().map(|(pointer, code)| format!("{pointer} {code}")).collect();
        assert_eq!(
            (answer.status.as_u16(), found),
            (422, expected.into_iter().map(str::to_owned).collect()),
            "{filter}"
        );
    }
    let other = json!({"name": "v", "list": "users", "filter": {}});
    assert_eq!(admin.post(VIEWS, other).await.invalid(), ("/list".to_owned(), "unknown_value".to_owned()));
    let path = format!("{VIEWS}/{}", save(&admin, "v", "tasks", json!({})).await);
    assert_eq!(admin.patch(&path, json!({"filter": {"status": "open"}})).await.invalid().0, "/filter/status");
    assert_eq!(admin.patch(&path, json!({"filter": null})).await.invalid().1, "null_not_allowed");
}

#[tokio::test]
async fn a_user_has_at_most_a_hundred_views() {
    let server = TestServer::start().await;
    let owner = server.person("viewer").await.client;
    for n in 0..100 {
        save(&owner, &format!("view {n}"), "tasks", json!({})).await;
    }
    let one_more = json!({"name": "one more", "list": "tasks", "filter": {}});
    assert_eq!(owner.post(VIEWS, one_more).await.code(), (409, "too_many_views"));
}
