//! Lists of incidents.

use serde_json::{Value, json};

use crate::support::{Client, TestServer, errors};

/// Opens ten incidents, the newest last.
async fn ten(admin: &Client) -> Vec<String> {
    let mut numbers = Vec::new();
    for n in 0..10 {
        let service = if n % 2 == 0 { "even" } else { "odd" };
        let priority = ["critical", "high", "medium", "low"][n % 4];
        let body = json!({"title": format!("incident {n}"), "service": service, "priority": priority});
        let opened = admin.post("/api/v1/incidents", body).await.body;
        numbers.push(opened["number"].as_str().expect("a number").to_owned());
    }
    numbers
}

fn numbers(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["number"].as_str().expect("a number").to_owned()).collect()
}

#[tokio::test]
async fn users_and_actions_contain_the_requested_fields() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for (list, fields) in [("/api/v1/users", ["email", "role"]), ("/api/v1/actions", ["at", "kind"])] {
        let whole = admin.get(list).await;
        let answer = admin.get(&format!("{list}?fields={}", fields.join(","))).await;
        let wanted = |item: &Value| json!({"id": item["id"], fields[0]: item[fields[0]], fields[1]: item[fields[1]]});
        let expected: Vec<Value> = whole.items().iter().map(wanted).collect();
        assert!(!expected.is_empty(), "{list}");
        assert_eq!(answer.items(), expected, "{list}");
        assert_eq!(admin.get(&format!("{list}?fields=password_hash")).await.invalid().0, "?fields");
    }
}

#[tokio::test]
async fn numbered_pages_have_a_total_and_cursors_do_not() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let mut newest_first = ten(&admin).await;
    newest_first.reverse();

    let page = admin.get("/api/v1/incidents?page=2&page_size=4").await.body;
    assert_eq!(numbers(&page), newest_first[4..8]);
    let counts = ["total", "page", "page_size", "total_pages"].map(|name| page[name].as_u64());
    assert_eq!(counts, [10, 2, 4, 3].map(Some));
    let beyond = admin.get("/api/v1/incidents?page=9&page_size=4").await.body;
    assert_eq!((numbers(&beyond).len(), &beyond["total"]), (0, &json!(10)));

    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin.get(&format!("/api/v1/incidents?page_size=4&cursor={cursor}")).await.body;
        assert!(page.get("total").is_none(), "a cursor counts nothing: {page}");
        seen.extend(numbers(&page));
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen, newest_first);
}

#[tokio::test]
async fn filters_combine_with_and_their_values_with_or() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let all = ten(&admin).await;
    admin.patch(&format!("/api/v1/incidents/{}", all[0]), json!({"status": "investigating"})).await;
    let me = admin.get("/api/v1/users/me").await.body["id"].as_str().expect("an id").to_owned();

    let total = async |query: &str| admin.get(&format!("/api/v1/incidents?{query}")).await.body["total"].as_u64();
    assert_eq!(total("service=even").await, Some(5));
    assert_eq!(total("service=even&priority=critical").await, Some(3));
    assert_eq!(total("priority=critical,low").await, Some(5));
    assert_eq!(total("status=open").await, Some(9));
    assert_eq!(total("status=open,investigating").await, Some(10));
    assert_eq!(total(&format!("assigned_to={me}")).await, Some(1));
    assert_eq!(total(&format!("reported_by={me}&service=odd")).await, Some(5));
    assert_eq!(total("service=EVEN").await, Some(0));
}

#[tokio::test]
async fn incidents_include_their_timelines_on_request() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let all = ten(&admin).await;
    admin.post(&format!("/api/v1/incidents/{}/logs", all[9]), json!({"message": "hello"})).await;
    let page = admin.get("/api/v1/incidents?include=logs&page_size=2").await.body;
    let kinds = |index: usize| {
        let logs = page["items"][index]["logs"].as_array().expect("logs");
        logs.iter().map(|entry| entry["kind"].as_str().expect("a kind").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(0), ["opened", "commented"]);
    assert_eq!(kinds(1), ["opened"]);
    assert!(admin.get("/api/v1/incidents").await.body["items"][0].get("logs").is_none());
}

#[tokio::test]
async fn invalid_parameters_are_named() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for (query, pointer) in [
        ("page=0", "?page"),
        ("page=x", "?page"),
        ("page_size=201", "?page_size"),
        ("page_size=0", "?page_size"),
        ("cursor=nonsense", "?cursor"),
        ("page=1&cursor=", "?cursor"),
        ("status=done", "?status"),
        ("priority=", "?priority"),
        ("assigned_to=me", "?assigned_to"),
        ("service=%00", "?service"),
        ("include=people", "?include"),
        ("colour=red", "?colour"),
        ("status=open&status=closed", "?status"),
    ] {
        let answer = admin.get(&format!("/api/v1/incidents?{query}")).await;
        assert_eq!(answer.status, 422, "{query}: {answer:?}");
        assert_eq!(errors(&answer)[0].0, pointer, "{query}");
    }
}

#[tokio::test]
async fn labels_with_separators_can_be_filtered() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    admin.open("without labels").await;
    let labels = json!({"k8s:app": "web", "note": r"a, b\c", "url": "https://h:80"});
    admin.post("/api/v1/incidents", json!({"title": "labelled", "labels": labels})).await;
    for (query, count) in [
        (r"label=k8s\:app:web", 1),
        (r"label=note:a\,%20b\\c", 1),
        ("label=url:https://h:80", 1),
        (r"label=k8s\:app:web&label=url:https://h:80", 1),
        (r"label=k8s\:app:web,url:https://h:80", 1),
        (r"label=k8s\:app:web&label=url:https://h:81", 0),
        ("label=k8s:app:web", 0),
    ] {
        let listed = admin.get(&format!("/api/v1/incidents?{query}")).await;
        assert_eq!((listed.status.as_u16(), listed.items().len()), (200, count), "{query}: {listed:?}");
    }
    assert_eq!(admin.get("/api/v1/incidents?label=k8s").await.invalid().0, "?label");
}
