//! Categories: created by name, once, and managed by managers.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{TestServer, send};

const CATEGORIES: &str = "/api/v1/categories";

#[tokio::test]
async fn a_category_is_created_renamed_and_deleted() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let created = admin.post(CATEGORIES, json!({"name": "Calls"})).await;
    assert_eq!(created.status, 201, "{created:?}");
    let path = created.header("location").to_owned();
    let again = admin.post(CATEGORIES, json!({"name": "CALLS"})).await;
    assert_eq!((again.status.as_u16(), &again.body), (200, &created.body), "it exists, and keeps its case");

    let task = admin.post("/api/v1/tasks", json!({"title": "t", "category": "cAlls"})).await;
    assert_eq!(task.body["category"], "Calls");
    assert_eq!(admin.patch(&path, json!({"name": "Phone"})).await.body["version"], 2);
    let task = format!("/api/v1/tasks/{}", task.text_of("id"));
    assert_eq!(admin.get(&task).await.body["category"], "Phone");

    let rewritten = admin.patch(&path, json!({"name": "PHONE"})).await;
    assert_eq!((rewritten.status.as_u16(), rewritten.text_of("name")), (200, "PHONE".to_owned()));
    assert_eq!(admin.post(CATEGORIES, json!({"name": "Mail"})).await.status, 201);
    assert_eq!(admin.patch(&path, json!({"name": "mail"})).await.code(), (409, "category_name_taken"));

    assert_eq!(admin.delete(&path).await.code(), (409, "category_in_use"));
    assert_eq!(admin.patch(&task, json!({"category": null})).await.status, 200);
    let stale = admin.request(reqwest::Method::DELETE, &path).header("If-Match", "\"1\"");
    assert_eq!(send(stale).await.code(), (412, "precondition_failed"));
    let unchanged = admin.request(reqwest::Method::GET, &path).header("If-None-Match", "\"3\"");
    assert_eq!(send(unchanged).await.status, 304);
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.get(&path).await.code(), (404, "not_found"));
}

#[tokio::test]
async fn concurrent_requests_for_a_new_category_create_one() {
    let server = TestServer::start().await;
    let second = server.start_second();
    let people = [server.person("responder").await.client, server.person("responder").await.client];
    let on_second = second.client().with_token(people[1].token.as_deref().expect("a token"));
    for round in 0..20 {
        let named = |name: &str| json!({"name": format!("{name} {round}")});
        let task = |name: &str| json!({"title": "t", "category": format!("{name} {round}")});
        let answers = join_all([
            people[0].post(CATEGORIES, named("Race")),
            people[1].post(CATEGORIES, named("RACE")),
            on_second.post(CATEGORIES, named("race")),
            on_second.post("/api/v1/tasks", task("rAce")),
        ]);
        let answers = answers.await;
        assert!(answers.iter().all(|answer| answer.status.is_success()), "{answers:?}");
        let created = answers[..3].iter().filter(|answer| answer.status == 201).count();
        assert!(created <= 1, "round {round}: {answers:?}");
        let ids: Vec<&Value> = answers[..3].iter().map(|answer| &answer.body["id"]).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "round {round}: {answers:?}");
        assert_eq!(answers[3].body["category"], answers[0].body["name"], "round {round}");
    }
    let all = people[0].get(&format!("{CATEGORIES}?page_size=200")).await;
    assert_eq!(all.body["total"], 20);
    let root = server.root().await;
    assert_eq!(root.get("/api/v1/actions?kind=category.create&outcome=done").await.body["total"], 20);
    second.end().await;
}

#[tokio::test]
async fn categories_are_listed_by_name_by_pages_and_cursors() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for name in ["delta", "Alpha", "charlie", "Bravo", "echo_5"] {
        assert_eq!(admin.post(CATEGORIES, json!({"name": name})).await.status, 201);
    }
    let expected = ["Alpha", "Bravo", "charlie", "delta", "echo_5"];
    let (mut paged, mut followed, mut cursor) = (Vec::new(), Vec::new(), String::new());
    for page in 1..=3 {
        let answer = admin.get(&format!("{CATEGORIES}?page_size=2&page={page}")).await;
        assert_eq!((&answer.body["total"], &answer.body["total_pages"]), (&json!(5), &json!(3)));
        paged.extend(answer.items().iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()));
    }
    loop {
        let answer = admin.get(&format!("{CATEGORIES}?page_size=2&cursor={cursor}")).await;
        followed.extend(answer.items().iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()));
        match answer.body["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(paged, expected);
    assert_eq!(followed, expected);
    let id = "00000000-0000-7000-8000-000000000000";
    assert_eq!(admin.get(&format!("{CATEGORIES}?cursor={id}")).await.invalid().0, "?cursor");
}

#[tokio::test]
async fn invalid_names_are_refused() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let path = admin.post(CATEGORIES, json!({"name": "Calls"})).await.header("location").to_owned();
    for (body, expected) in [
        (json!({"name": ""}), ("/name", "blank")),
        (json!({"name": "n".repeat(129)}), ("/name", "too_long")),
        (json!({"name": "a\nb"}), ("/name", "control_character")),
        (json!({"name": "a", "colour": "red"}), ("/colour", "unknown_field")),
    ] {
        for answer in [admin.post(CATEGORIES, body.clone()).await, admin.patch(&path, body.clone()).await] {
            let (pointer, code) = answer.invalid();
            assert_eq!((pointer.as_str(), code.as_str()), expected, "{body}");
        }
    }
    assert_eq!(admin.patch(&path, json!({})).await.code(), (400, "empty_patch"));
    assert_eq!(admin.patch(&path, json!({"name": null})).await.invalid().1, "null_not_allowed");
}
