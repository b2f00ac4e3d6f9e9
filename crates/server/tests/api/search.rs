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
    let long = admin.get(&format!("/api/v1/search?q={}", "a".repeat(2_001))).await;
    assert_eq!(long.invalid(), ("?q".to_owned(), "too_long".to_owned()));
    let far = admin.get("/api/v1/search?q=a&page=1001").await;
    assert_eq!(far.invalid(), ("?page".to_owned(), "out_of_range".to_owned()));
}

#[tokio::test]
async fn parts_of_texts_in_scripts_without_spaces_are_found_and_marked() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for (title, query) in [
        ("数据库连接超时", "连接"),
        ("本番で障害が発生", "障害"),
        ("운영서버에 장애", "서버"),
        ("ฐานข้อมูลล่ม", "ข้อมูล"),
        ("Straße gesperrt", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("pay\u{ad}ment down", "payment"),
        ("gateway timeout", "\"gatew*\""),
        ("proxy timeout", "prox*,"),
    ] {
        admin.open(title).await;
        let encoded: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let answer = admin.get(&format!("/api/v1/search?q={encoded}")).await;
        assert_eq!(found(&answer), [at(title, "title")], "{query}");
        let fragments = answer.items()[0]["highlights"][0]["fragments"].as_array().expect("fragments").clone();
        assert!(fragments.iter().any(|part| part["is_match"] == true), "{query}: {fragments:?}");
        let listed = admin.get(&format!("/api/v1/incidents?q={encoded}")).await;
        assert_eq!(listed.body["total"], 1, "{query}: {listed:?}");
    }
}

#[tokio::test]
async fn an_incident_is_found_by_its_number() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let number = admin.open("mail is late").await["number"].as_str().expect("a number").to_owned();
    admin.open("disk full").await;
    for query in [number.clone(), number.to_lowercase(), number.replace("INC-", "")] {
        let answer = admin.get(&format!("/api/v1/search?q={query}")).await;
        assert_eq!(found(&answer), [at("mail is late", "title")], "{query}");
    }
}

#[tokio::test]
async fn a_pasted_line_of_forty_words_finds_what_has_most_of_them() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let line = |request: &str| {
        format!(
            "2026-11-30T08:12:44Z ERROR [pool-4-thread-17] com.example.billing.InvoiceRepository request {request} could not \
             obtain connection from pool java.sql.SQLTransientConnectionException HikariPool-1 Connection is not available \
             request timed out after 30000ms total=10 active=10 idle=0 waiting=42"
        )
    };
    admin.post("/api/v1/incidents", json!({"title": "invoices fail", "description": line("8f3a")})).await;
    admin.open("connection pool of invoices").await;
    let pasted = line("77c1");
    assert!(pasted.split(|c: char| !c.is_alphanumeric()).count() >= 40, "{pasted}");
    let encoded: String = url::form_urlencoded::byte_serialize(pasted.as_bytes()).collect();
    let answer = admin.get(&format!("/api/v1/search?q={encoded}")).await;
    assert_eq!(found(&answer), [at("invoices fail", "description")]);
}
