//! Timelines over HTTP.

use serde_json::json;

use crate::support::{TestServer, errors};

#[tokio::test]
async fn a_timeline_is_read_by_pages_oldest_first() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("talked about").await;
    let logs = format!("/api/v1/incidents/{}/logs", opened["number"].as_str().expect("a number"));
    for n in 0..4 {
        let entry = admin.post(&logs, json!({"message": format!("remark {n}")})).await;
        assert_eq!((entry.status.as_u16(), &entry.body["sequence"]), (201, &json!(n + 2)));
        assert_eq!(entry.body["actor"]["kind"], "user");
        assert_eq!(entry.body["hash"].as_str().map(str::len), Some(64));
    }
    let sequences = async |query: &str| {
        let page = admin.get(&format!("{logs}?{query}")).await.body;
        page["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|e| e["sequence"].as_u64().expect("a number"))
            .collect::<Vec<_>>()
    };
    assert_eq!(sequences("page_size=2").await, [1, 2]);
    assert_eq!(sequences("page_size=2&page=3").await, [5]);
    assert_eq!(sequences("page_size=2&page=4").await, [0_u64; 0]);
    assert_eq!(sequences("page_size=2&cursor=").await, [1, 2]);
    assert_eq!(sequences("page_size=3&cursor=2").await, [3, 4, 5]);
    let last = admin.get(&format!("{logs}?page_size=3&cursor=2")).await.body;
    assert!(last["next_cursor"].is_null(), "{last}");
    assert_eq!(errors(&admin.get(&format!("{logs}?cursor=x")).await)[0].0, "?cursor");
}

#[tokio::test]
async fn an_invalid_comment_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let opened = admin.open("quiet").await;
    let logs = format!("/api/v1/incidents/{}/logs", opened["number"].as_str().expect("a number"));
    for (body, code) in [
        (json!({}), "required"),
        (json!({"message": " "}), "blank"),
        (json!({"message": "a\u{0}"}), "control_character"),
        (json!({"message": "x".repeat(10_001)}), "too_long"),
        (json!({"message": "m", "kind": "opened"}), "unknown_field"),
    ] {
        assert_eq!(errors(&admin.post(&logs, body).await)[0].1, code);
    }
    assert_eq!(admin.get(&logs).await.body["total"], 1);
}
