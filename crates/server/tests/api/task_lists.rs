//! Lists of tasks: every condition and order, by pages and cursors.

use serde_json::{Value, json};

use crate::support::{Client, TestServer};

const TASKS: usize = 9;

/// Creates tasks that differ in every property that a list can filter or sort by, oldest first; some are equal in each
/// order.
async fn tasks(server: &TestServer, client: &Client, incident: &Value) -> Vec<Value> {
    let me = client.get("/api/v1/users/me").await.text_of("id");
    let other = server.person("responder").await.client;
    for n in 0..TASKS {
        let new = json!({
            "title": format!("task {n}"),
            "priority": (["low", "critical", "medium"][n % 3]),
            "category": ([json!("Calls"), Value::Null][n % 2]),
            "incident_id": if n < 4 { incident.clone() } else { Value::Null },
            "assigned_to": if n == 2 { json!(me) } else { Value::Null },
            "due_at": ([json!("2026-03-01T00:00:00Z"), json!("2026-02-01T00:00:00Z"), Value::Null, Value::Null][n % 4]),
        });
        let by = if n == 8 { &other } else { client };
        assert_eq!(by.post("/api/v1/tasks", new).await.status, 201);
    }
    let all = client.get("/api/v1/tasks?sort=created_at").await;
    for n in [3, 0, 6] {
        let path = format!("/api/v1/tasks/{}", all.items()[n]["id"].as_str().expect("an id"));
        assert_eq!(client.patch(&path, json!({"status": "in_progress"})).await.status, 200);
    }
    client.get("/api/v1/tasks?sort=created_at").await.items().to_vec()
}

fn titles(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["title"].as_str().expect("a title")).collect()
}

#[tokio::test]
async fn every_condition_filters_and_several_combine_with_and() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let incident = admin.open("checkout answers 500").await;
    tasks(&server, &admin, &incident["number"]).await;
    let me = admin.get("/api/v1/users/me").await.text_of("id");
    let id = incident["id"].as_str().expect("an id");
    for (query, expected) in [
        (String::new(), vec![0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ("status=in_progress".to_owned(), vec![0, 3, 6]),
        ("status=todo,in_progress,done".to_owned(), vec![0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ("status=done".to_owned(), vec![]),
        ("priority=critical".to_owned(), vec![1, 4, 7]),
        ("priority=critical,low".to_owned(), vec![0, 1, 3, 4, 6, 7]),
        (format!("incident={id}"), vec![0, 1, 2, 3]),
        (format!("incident={}", incident["number"].as_str().expect("a number")), vec![0, 1, 2, 3]),
        ("category=CALLS".to_owned(), vec![0, 2, 4, 6, 8]),
        ("category=unknown".to_owned(), vec![]),
        (format!("assigned_to={me}"), vec![2]),
        (format!("created_by={me}&priority=medium"), vec![2, 5]),
        ("due_since=2026-02-15T00:00:00Z".to_owned(), vec![0, 4, 8]),
        ("due_until=2026-03-01T00:00:00Z".to_owned(), vec![1, 5]),
        ("due_since=2026-02-01T00:00:00Z&due_until=2026-03-01T00:00:01Z".to_owned(), vec![0, 1, 4, 5, 8]),
        ("status=in_progress&category=calls&priority=low".to_owned(), vec![0, 6]),
    ] {
        let answer = admin.get(&format!("/api/v1/tasks?sort=created_at&{query}")).await;
        let expected: Vec<String> = expected.iter().map(|n| format!("task {n}")).collect();
        assert_eq!(titles(answer.items()), expected, "{query}");
        assert_eq!(answer.body["total"], expected.len(), "{query}");
    }
}

/// Returns all items of a list by pages of this size.
async fn by_pages(client: &Client, list: &str, size: usize) -> Vec<Value> {
    let (mut seen, mut page) = (Vec::new(), 1);
    loop {
        let answer = client.get(&format!("{list}&page_size={size}&page={page}")).await;
        seen.extend_from_slice(answer.items());
        if page >= answer.body["total_pages"].as_u64().expect("a number") {
            return seen;
        }
        page += 1;
    }
}

/// Returns all items of a list by cursors.
async fn by_cursors(client: &Client, list: &str, size: usize) -> Vec<Value> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = client.get(&format!("{list}&page_size={size}&cursor={cursor}")).await;
        seen.extend_from_slice(answer.items());
        match answer.body["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn every_order_is_the_same_by_pages_and_cursors() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let incident = admin.open("checkout answers 500").await;
    let tasks = tasks(&server, &admin, &incident["id"]).await;
    let rank = |task: &Value| ["critical", "high", "medium", "low"].iter().position(|name| task["priority"] == *name);
    // Without the Z, times with different numbers of digits sort as texts.
    let text = |task: &Value, member: &str| task[member].as_str().unwrap_or("9999").trim_end_matches('Z').to_owned();
    for sort in ["created_at", "updated_at", "due_at", "priority"] {
        let mut expected = tasks.clone();
        match sort {
            "priority" => expected.sort_by_key(rank),
            member => expected.sort_by_key(|task| (text(task, member), text(task, "id"))),
        }
        let backwards: Vec<Value> = expected.iter().rev().cloned().collect();
        for (order, expected) in [(sort.to_owned(), expected), (format!("-{sort}"), backwards)] {
            let list = format!("/api/v1/tasks?sort={order}");
            for size in [1, 2, 4, 200] {
                assert_eq!(titles(&by_pages(&admin, &list, size).await), titles(&expected), "{order} by {size}");
                assert_eq!(titles(&by_cursors(&admin, &list, size).await), titles(&expected), "{order} by {size}");
            }
        }
    }
    let newest_first = admin.get("/api/v1/tasks").await;
    assert_eq!(titles(newest_first.items())[0], "task 8", "newest first by default");
}

#[tokio::test]
async fn a_list_contains_the_requested_fields() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let incident = admin.open("checkout answers 500").await;
    let tasks = tasks(&server, &admin, &incident["id"]).await;
    let path = format!("/api/v1/incidents/{}/tasks", incident["number"].as_str().expect("a number"));
    for list in ["/api/v1/tasks", &path] {
        let answer =
            admin.get(&format!("{list}?sort=created_at&status=in_progress&fields=status,title&page_size=1")).await;
        assert_eq!(
            answer.items(),
            [json!({"id": tasks[0]["id"], "status": "in_progress", "title": "task 0"})],
            "{list}"
        );
        assert_eq!(admin.get(&format!("{list}?fields=colour")).await.invalid().0, "?fields");
    }
    assert_eq!(admin.get(&path).await.body["total"], 4);
}

#[tokio::test]
async fn invalid_parameters_are_named() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for title in ["one", "two"] {
        assert_eq!(admin.post("/api/v1/tasks", json!({"title": title})).await.status, 201);
    }
    let of_another_order = admin.get("/api/v1/tasks?sort=priority&page_size=1&cursor=").await.text_of("next_cursor");
    for (query, expected) in [
        ("status=open", "?status unknown_value"),
        ("priority=", "?priority unknown_value"),
        ("incident=7", "?incident not_an_incident_reference"),
        ("incident=INC-999999", "?incident unknown_incident"),
        ("category=", "?category blank"),
        ("assigned_to=me", "?assigned_to not_an_id"),
        ("created_by=me", "?created_by not_an_id"),
        ("due_since=now", "?due_since not_a_time"),
        ("due_until=2026-02-30T00:00:00Z", "?due_until not_a_time"),
        ("sort=title", "?sort unknown_value"),
        ("sort=--due_at", "?sort unknown_value"),
        ("view=mine", "?view not_an_id"),
        ("view=00000000-0000-7000-8000-000000000000", "?view unknown_view"),
        ("page=0", "?page out_of_range"),
        ("colour=red", "?colour unknown_parameter"),
        (&format!("cursor={of_another_order}"), "?cursor invalid_value"),
        (&format!("sort=due_at&cursor={of_another_order}"), "?cursor invalid_value"),
    ] {
        let (pointer, code) = admin.get(&format!("/api/v1/tasks?{query}")).await.invalid();
        assert_eq!(format!("{pointer} {code}"), expected, "{query}");
    }
}
