//! Full-text search of incidents.

use serde_json::{Value, json};

use crate::support::{Answer, TestServer};

fn found(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    answer.items().iter().map(|item| (text(&item["incident"]["title"]), text(&item["found_in"]))).collect()
}

fn at(title: &str, place: &str) -> (String, String) {
    (title.to_owned(), place.to_owned())
}

#[tokio::test]
async fn the_best_match_is_first_and_matches_are_marked() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let remarked = admin.open("mail is late").await["number"].as_str().expect("a number").to_owned();
    let remark = json!({"message": "the Café's checkout <b>fails</b> as well"});
    admin.post(&format!("/api/v1/incidents/{remarked}/logs"), remark).await;
    let body = json!({"title": "payments", "description": "since noon the CAFE checkout fails"});
    admin.post("/api/v1/incidents", body).await;
    admin.open("cafe: checkout failing").await;
    admin.open("checkout of books").await;

    let answer = admin.get("/api/v1/search?q=caf%C3%A9%20checkout%20fail*").await;
    let expected =
        [at("cafe: checkout failing", "title"), at("payments", "description"), at("mail is late", "comment")];
    assert_eq!(found(&answer), expected);
    let highlights = &answer.items()[2]["highlights"];
    assert_eq!(highlights[0]["field"], "comment");
    let fragments = highlights[0]["fragments"].as_array().expect("fragments");
    let matches: Vec<&str> = fragments
        .iter()
        .filter(|part| part["is_match"] == true)
        .map(|part| part["text"].as_str().expect("a text"))
        .collect();
    assert_eq!(matches, ["Café", "checkout", "fails"]);
    let whole: String = fragments.iter().map(|part| part["text"].as_str().expect("a text")).collect();
    assert_eq!(whole, "the Café's checkout <b>fails</b> as well");

    let pages = ["page=1&page_size=2", "page=2&page_size=2", "page=3&page_size=2"];
    let mut seen = Vec::new();
    for (page, has_more) in pages.iter().zip([true, false, false]) {
        let answer = admin.get(&format!("/api/v1/search?q=cafe&{page}")).await;
        assert_eq!(answer.body["has_more"], has_more, "{answer:?}");
        seen.extend(found(&answer));
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn current_text_is_found_and_overwritten_or_deleted_text_is_not() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let id = admin.open("a walrus in the lobby").await["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/incidents/{id}");
    assert_eq!(found(&admin.get("/api/v1/search?q=walrus").await).len(), 1);
    admin.patch(&path, json!({"title": "a seal in the lobby"})).await;
    assert_eq!(found(&admin.get("/api/v1/search?q=walrus").await), []);
    assert_eq!(found(&admin.get("/api/v1/search?q=seal").await).len(), 1);
    admin.post(&format!("{path}/logs"), json!({"message": "no, a walrus"})).await;
    assert_eq!(found(&admin.get("/api/v1/search?q=walrus").await), [at("a seal in the lobby", "comment")]);
    let listed = admin.get("/api/v1/incidents?q=walrus&status=open").await;
    assert_eq!(listed.body["total"], 1);
    assert_eq!(admin.get("/api/v1/incidents?q=walrus&status=closed").await.body["total"], 0);
    admin.delete(&path).await;
    assert_eq!(found(&admin.get("/api/v1/search?q=seal").await), []);
}

#[tokio::test]
async fn search_operators_in_the_query_have_no_effect() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    admin.open("error near or not and").await;
    for q in [
        "NEAR(error)",
        "error OR nothing",
        "\"error\" -near",
        "title:error",
        "error' OR 1=1 --",
        "er*ror",
        "(((",
        "&|!:*\\",
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let answer = admin.get(&format!("/api/v1/search?q={encoded}")).await;
        assert!([200, 422].contains(&answer.status.as_u16()), "{q}: {answer:?}");
        let expected = matches!(q, "NEAR(error)" | "\"error\" -near");
        let count = if answer.status == 200 { answer.items().len() } else { 0 };
        assert_eq!(count, usize::from(expected), "{q}: {answer:?}");
    }
    for (query, code) in [("", "blank"), ("q=", "blank"), ("q=%20-%20", "blank")] {
        let answer = admin.get(&format!("/api/v1/search?{query}")).await;
        assert_eq!(answer.invalid(), ("?q".to_owned(), code.to_owned()));
    }
    let long = admin.get(&format!("/api/v1/search?q={}", "a".repeat(201))).await;
    assert_eq!(long.invalid(), ("?q".to_owned(), "too_long".to_owned()));
    let far = admin.get("/api/v1/search?q=a&page=1001").await;
    assert_eq!(far.invalid(), ("?page".to_owned(), "out_of_range".to_owned()));
}
