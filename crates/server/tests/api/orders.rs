//! Search and order of users and actions.

use serde_json::{Value, json};

use crate::support::{Client, TestServer};

async fn followed(client: &Client, list: &str, member: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = client.get(&format!("{list}&page_size=2&cursor={cursor}")).await;
        seen.extend(answer.items().iter().map(|item| item[member].as_str().expect("a text").to_owned()));
        match answer.body["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return seen,
        }
    }
}

#[tokio::test]
async fn users_are_searched_and_sorted() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let people = [
        server.person("viewer").await,
        server.person("manager").await,
        server.person("viewer").await,
        server.person("responder").await,
    ];
    assert_eq!(admin.patch(&people[2].path(), json!({"is_active": false})).await.status, 200);
    assert_eq!(admin.patch(&people[0].path(), json!({"email": "Zoe_1@Elsewhere.org"})).await.status, 200);
    let total = async |query: &str| admin.get(&format!("/api/v1/users?{query}")).await.body["total"].clone();
    assert_eq!(total("").await, 5);
    assert_eq!(total("role=viewer").await, 2);
    assert_eq!(total("role=viewer,manager").await, 3);
    assert_eq!(total("is_active=false").await, 1);
    assert_eq!(total("is_active=true&role=viewer").await, 1);
    assert_eq!(total("q=ELSEWHERE").await, 1);
    assert_eq!(total("q=_1%40e").await, 1);
    assert_eq!(total("q=%25").await, 0, "a percent sign is literal");

    for sort in ["created_at", "updated_at", "email"] {
        let all = admin.get("/api/v1/users?sort=created_at").await;
        let mut expected: Vec<Value> = all.items().to_vec();
        expected.sort_by_key(|user| user[sort].as_str().expect("a text").trim_end_matches('Z').to_lowercase());
        let expected: Vec<&str> = expected.iter().map(|user| user["id"].as_str().expect("an id")).collect();
        assert_eq!(followed(&admin, &format!("/api/v1/users?sort={sort}"), "id").await, expected, "{sort}");
        let backwards: Vec<&str> = expected.into_iter().rev().collect();
        assert_eq!(followed(&admin, &format!("/api/v1/users?sort=-{sort}"), "id").await, backwards, "-{sort}");
    }
    let place = admin.get("/api/v1/users?page_size=1&cursor=").await.text_of("next_cursor");
    for (query, expected) in [
        ("role=root", "?role"),
        ("is_active=1", "?is_active"),
        ("q=", "?q"),
        ("sort=name", "?sort"),
        (&format!("sort=email&cursor={place}"), "?cursor"),
    ] {
        assert_eq!(admin.get(&format!("/api/v1/users?{query}")).await.invalid().0, expected, "{query}");
    }
}

#[tokio::test]
async fn actions_are_sorted_in_both_directions() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for title in ["one", "two", "three"] {
        admin.open(title).await;
    }
    let all = admin.get("/api/v1/actions").await;
    let newest_first: Vec<&str> = all.items().iter().map(|action| action["id"].as_str().expect("an id")).collect();
    assert!(newest_first.len() >= 4);
    assert!(newest_first.is_sorted_by(|newer, older| newer > older));
    assert_eq!(followed(&admin, "/api/v1/actions?sort=-at", "id").await, newest_first);
    let oldest_first: Vec<&str> = newest_first.iter().rev().copied().collect();
    assert_eq!(followed(&admin, "/api/v1/actions?sort=at", "id").await, oldest_first);
    assert_eq!(
        admin.get("/api/v1/actions?sort=kind").await.invalid(),
        ("?sort".to_owned(), "unknown_value".to_owned())
    );
}
