//! Whether a timeline is what it was, asked over HTTP, after somebody was at the database.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Client, TestServer};

/// An incident with five entries, and the path of its verdict.
async fn incident(client: &Client) -> (String, String) {
    let opened = client.open("sealed").await;
    let id = opened["id"].as_str().expect("an id").to_owned();
    for n in 2..=5 {
        let remark = json!({"message": format!("remark {n}")});
        assert_eq!(client.post(&format!("/api/v1/incidents/{id}/logs"), remark).await.status, 201);
    }
    let verdict = format!("/api/v1/incidents/{id}/logs/verify");
    (id, verdict)
}

#[tokio::test]
async fn a_timeline_that_nobody_touched_is_whole() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let opened = root.open("worked on").await;
    let path = format!("/api/v1/incidents/{}", opened["number"].as_str().expect("a number"));
    for step in [
        json!({"status": "investigating", "title": "worked on hard"}),
        json!({"status": "resolved", "resolution": {"code": "fixed", "note": "done"}}),
        json!({"status": "closed"}),
        json!({"status": "investigating", "reason": "it is back"}),
    ] {
        assert_eq!(root.patch(&path, step).await.status, 200);
    }
    let viewer = server.person("viewer").await;
    let verdict = viewer.client.get(&format!("{path}/logs/verify")).await;
    assert_eq!((&verdict.body["verdict"], &verdict.body["fault"]), (&json!("whole"), &Value::Null), "{verdict:?}");
    assert_eq!(verdict.body["entries_whole"], root.get(&format!("{path}/logs")).await.body["total"]);
    assert_eq!(verdict.body["number"], opened["number"]);
    for nothing in ["INC-999999", "01980d3e-5f00-7000-8000-000000000001"] {
        assert_eq!(root.get(&format!("/api/v1/incidents/{nothing}/logs/verify")).await.code(), (404, "not_found"));
    }
}

#[tokio::test]
async fn a_timeline_is_whole_while_many_write_it() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let (id, verdict) = incident(root).await;
    let logs = format!("/api/v1/incidents/{id}/logs");
    let remarks = (0..60).map(|_| root.post(&logs, json!({"message": "m"})));
    let verdicts = (0..60).map(|_| root.get(&verdict));
    let (remarks, verdicts) = futures::join!(join_all(remarks), join_all(verdicts));
    assert!(remarks.iter().all(|answer| answer.status == 201));
    assert!(verdicts.iter().all(|answer| answer.body["verdict"] == "whole"), "{verdicts:#?}");
}

#[tokio::test]
async fn what_somebody_did_in_the_database_is_told_with_its_place() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let last_two = "sequence > 3";
    for (what, deeds, code, sequence) in [
        (
            "an edited remark",
            vec!["UPDATE timeline_entries SET message = 'nothing' WHERE sequence = 3 AND {entry}"],
            "broken_entry",
            Some(3),
        ),
        (
            "another author",
            vec![
                "UPDATE timeline_entries SET actor_kind = 'system', actor_reference = NULL
            WHERE sequence = 2 AND {entry}",
            ],
            "broken_entry",
            Some(2),
        ),
        ("an entry less", vec!["DELETE FROM timeline_entries WHERE sequence = 4 AND {entry}"], "broken_entry", Some(4)),
        ("a cut tail", vec!["DELETE FROM timeline_entries WHERE {last_two} AND {entry}"], "tail_cut", None),
        (
            "a cut tail, made to fit",
            vec![
                "DELETE FROM timeline_entries WHERE {last_two} AND {entry}",
                "UPDATE incidents SET timeline_length = 3, timeline_hash =
            (SELECT hash FROM timeline_entries WHERE sequence = 3 AND {entry}) WHERE {incident}",
            ],
            "forged_end",
            None,
        ),
        ("a longer end", vec!["UPDATE incidents SET timeline_length = 4 WHERE {incident}"], "too_many_entries", None),
    ] {
        let (id, verdict) = incident(root).await;
        for deed in deeds {
            let (entry, incident) = server.database.of_incident(&id);
            let deed = deed.replace("{entry}", &entry).replace("{incident}", &incident).replace("{last_two}", last_two);
            server.database.tamper(&deed).await;
        }
        let found = root.get(&verdict).await;
        assert_eq!((found.status.as_u16(), &found.body["verdict"]), (200, &json!("tampered")), "{what}: {found:?}");
        let fault = &found.body["fault"];
        assert_eq!((&fault["code"], &fault["sequence"]), (&json!(code), &json!(sequence)), "{what}");
    }
    let (id, verdict) = incident(root).await;
    let zeros = "0".repeat(64);
    let (_, incident) = server.database.of_incident(&id);
    server.database.tamper(&format!("UPDATE incidents SET timeline_seal = {{hex:{zeros}}} WHERE {incident}")).await;
    assert_eq!(root.get(&verdict).await.body["verdict"], "unsealed");
}
