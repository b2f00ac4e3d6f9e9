//! Input that differs from the documented form in ways that clients often produce.

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::json;

use crate::support::{TestServer, send};

#[tokio::test]
async fn names_of_a_condition_may_have_spaces_around_commas() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    admin.open("checkout is slow").await;
    let listed = admin.get("/api/v1/incidents?status=open,%20closed&priority=%20medium,high").await;
    assert_eq!((listed.status.as_u16(), listed.items().len()), (200, 1), "{listed:?}");
    assert_eq!(admin.get("/api/v1/incidents?status=open,,closed").await.invalid().0, "?status");
}

#[tokio::test]
async fn a_time_whose_plus_became_a_space_is_refused_with_the_remedy() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let refused = admin.get("/api/v1/incidents?opened_since=2026-01-31T14:05:00+02:00").await;
    assert_eq!(refused.invalid(), ("?opened_since".to_owned(), "not_a_time".to_owned()));
    assert!(refused.text.contains("%2B"), "{refused:?}");
    assert_eq!(admin.get("/api/v1/incidents?opened_since=2026-01-31T14:05:00%2B02:00").await.status, 200);
}

#[tokio::test]
async fn a_byte_order_mark_before_json_is_ignored() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let body = [b"\xEF\xBB\xBF".as_slice(), br#"{"title":"written by a spreadsheet"}"#].concat();
    let request = admin.request(Method::POST, "/api/v1/incidents").header(CONTENT_TYPE, "application/json");
    assert_eq!(send(request.body(body)).await.status, 201);
}

#[tokio::test]
async fn a_patch_may_be_sent_as_json_merge_patch() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("checkout is slow").await;
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    let merge_patch = |method, path: &str, body: &str| {
        let request = admin.request(method, path).header(CONTENT_TYPE, "application/merge-patch+json");
        send(request.body(body.to_owned()))
    };
    let patched = merge_patch(Method::PATCH, &path, r#"{"service":"checkout","category":null}"#).await;
    assert_eq!((patched.status.as_u16(), &patched.body["service"]), (200, &json!("checkout")), "{patched:?}");
    let created = merge_patch(Method::POST, "/api/v1/incidents", r#"{"title":"t"}"#).await;
    assert_eq!(created.code(), (415, "unsupported_media_type"));
}

#[tokio::test]
async fn parameters_that_an_operation_does_not_have_are_named() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let refused = admin.get("/api/v1/users/me/views?page=2").await;
    assert_eq!(refused.invalid(), ("?page".to_owned(), "unknown_parameter".to_owned()));
    let refused = admin.post("/api/v1/incidents?title=t", json!({"title": "t"})).await;
    assert_eq!(refused.invalid().0, "?title");
    assert_eq!(admin.get("/api/v1/incidents").await.items().len(), 0);
    assert_eq!(admin.get("/health/live?at=1769868000").await.status, 200);
}

#[tokio::test]
async fn a_member_that_is_given_twice_is_named() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let request = admin.request(Method::POST, "/api/v1/incidents").header(CONTENT_TYPE, "application/json");
    let refused = send(request.body(r#"{"title":"t","labels":{"team":"a","team":"b"}}"#)).await;
    assert_eq!(refused.invalid(), ("/labels".to_owned(), "duplicate_field".to_owned()));
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_is_named() {
    let server = TestServer::start().await;
    let answer = server.admin().await.get("/api/v1/incidents/").await;
    assert_eq!(answer.code(), (404, "not_found"));
    assert!(answer.text.contains("slash at the end"), "{answer:?}");
}

#[tokio::test]
async fn texts_that_look_the_same_are_the_same() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for service in ["caf\u{e9}", " cafe\u{301} "] {
        admin.post("/api/v1/incidents", json!({"title": "checkout is slow", "service": service})).await;
    }
    for query in ["caf%C3%A9", "cafe%CC%81", "caf%C3%A9%20"] {
        let listed = admin.get(&format!("/api/v1/incidents?service={query}")).await;
        assert_eq!(listed.items().len(), 2, "{query}");
    }
    let counted = admin.get("/api/v1/stats/incidents").await.body;
    assert_eq!(counted["by_service"], json!([{"service": "caf\u{e9}", "count": 2}]));

    assert_eq!(admin.post("/api/v1/categories", json!({"name": "Network"})).await.status, 201);
    let again = admin.post("/api/v1/categories", json!({"name": "network "})).await;
    assert!([200, 409].contains(&again.status.as_u16()), "{again:?}");
    assert_eq!(admin.get("/api/v1/categories").await.items().len(), 1);

    let user = |email| json!({"email": email, "name": "J", "role": "viewer", "password": "unlikely pelican orbit"});
    assert_eq!(admin.post("/api/v1/users", user("j\u{f6}rg@example.org")).await.status, 201);
    assert_eq!(admin.post("/api/v1/users", user("jo\u{308}rg@example.org")).await.code(), (409, "email_taken"));

    for (title, code) in [("\u{200b}\u{3164}", "blank"), ("pay\u{202e}live", "direction_control")] {
        let refused = admin.post("/api/v1/incidents", json!({"title": title})).await;
        assert_eq!(refused.invalid(), ("/title".to_owned(), code.to_owned()));
    }
}
