//! Verification of timelines over HTTP after tampering in the database.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Client, TestServer};

/// Opens an incident with five entries; returns it and the path of its verification.
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
async fn an_untouched_timeline_is_whole() {
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
async fn a_timeline_is_whole_during_concurrent_writes() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let (id, verdict) = incident(root).await;
    let logs = format!("/api/v1/incidents/{id}/logs");
    let remarks = (0..60).map(|_| root.post(&logs, json!({"message": "m"})));
    let verdicts = (0..60).map(|_| root.get(&verdict));
    let (remarks, verdicts) = futures::join!(join_all(remarks), join_all(verdicts));
    assert!(remarks.iter().all(|answer| answer.status == 201));
    assert!(verdicts.iter().all(|answer| answer.body["verdict"] == "whole"), "{verdicts:#?}");
    let last = root.get(&verdict).await.body;
    assert_eq!((&last["entries_whole"], &last["entries_expected"]), (&json!(65), &json!(65)));
}

/// A change in the database, the expected verdict, and how many entries of how many are valid.
struct Tampering {
    what: &'static str,
    statements: &'static [&'static str],
    verdict: &'static str,
    code: &'static str,
    sequence: Option<u32>,
    entries: (u32, u32),
}

const fn tampering(what: &'static str, statements: &'static [&'static str], code: &'static str) -> Tampering {
    Tampering { what, statements, verdict: "tampered", code, sequence: None, entries: (5, 5) }
}

/// A tampering after which this entry is the first invalid one.
const fn breaks(sequence: u32, what: &'static str, statements: &'static [&'static str]) -> Tampering {
    Tampering { sequence: Some(sequence), entries: (sequence - 1, 5), ..tampering(what, statements, "broken_entry") }
}

/// Of an incident with five entries.
const TAMPERINGS: &[Tampering] = &[
    breaks(3, "an edited comment", &["UPDATE timeline_entries SET message = 'nothing' WHERE sequence = 3 AND {entry}"]),
    breaks(5, "a removed comment", &["UPDATE timeline_entries SET message = NULL WHERE sequence = 5 AND {entry}"]),
    breaks(
        2,
        "another author",
        &["UPDATE timeline_entries SET actor_kind = 'system', actor_reference = NULL WHERE sequence = 2 AND {entry}"],
    ),
    breaks(
        4,
        "another time",
        &["UPDATE timeline_entries SET at = (SELECT min(at) FROM timeline_entries WHERE {entry})
            WHERE sequence = 4 AND {entry}"],
    ),
    breaks(1, "an invalid kind", &["UPDATE timeline_entries SET kind = 'x' WHERE sequence = 1 AND {entry}"]),
    breaks(2, "invalid details", &["UPDATE timeline_entries SET details = '[]' WHERE sequence = 2 AND {entry}"]),
    breaks(4, "a deleted entry", &["DELETE FROM timeline_entries WHERE sequence = 4 AND {entry}"]),
    Tampering {
        entries: (3, 4),
        ..breaks(
            4,
            "a deleted entry whose gap was closed",
            &[
                "DELETE FROM timeline_entries WHERE sequence = 4 AND {entry}",
                "UPDATE timeline_entries SET sequence = 4 WHERE sequence = 5 AND {entry}",
                "UPDATE incidents SET timeline_length = 4 WHERE {incident}",
            ],
        )
    },
    breaks(
        3,
        "two entries swapped",
        &[
            "UPDATE timeline_entries SET sequence = 1000 WHERE sequence = 3 AND {entry}",
            "UPDATE timeline_entries SET sequence = 3 WHERE sequence = 4 AND {entry}",
            "UPDATE timeline_entries SET sequence = 4 WHERE sequence = 1000 AND {entry}",
        ],
    ),
    Tampering {
        entries: (4, 5),
        ..tampering(
            "a deleted last entry",
            &["DELETE FROM timeline_entries WHERE sequence = 5 AND {entry}"],
            "tail_cut",
        )
    },
    Tampering {
        entries: (3, 3),
        ..tampering(
            "a deleted tail with a matching end",
            &[
                "DELETE FROM timeline_entries WHERE sequence > 3 AND {entry}",
                "UPDATE incidents SET timeline_length = 3, timeline_hash =
                    (SELECT hash FROM timeline_entries WHERE sequence = 3 AND {entry}) WHERE {incident}",
            ],
            "forged_end",
        )
    },
    Tampering {
        entries: (0, 0),
        ..tampering(
            "a deleted timeline with a matching end",
            &[
                "DELETE FROM timeline_entries WHERE {entry}",
                "UPDATE incidents SET timeline_length = 0, timeline_hash = {zeros} WHERE {incident}",
            ],
            "forged_end",
        )
    },
    Tampering {
        entries: (5, 4),
        ..tampering("a longer end", &["UPDATE incidents SET timeline_length = 4 WHERE {incident}"], "too_many_entries")
    },
    tampering(
        "another last hash",
        &["UPDATE incidents SET timeline_hash = {zeros} WHERE {incident}"],
        "wrong_last_hash",
    ),
    Tampering {
        verdict: "unsealed",
        ..tampering("no seal", &["UPDATE incidents SET timeline_seal = {zeros} WHERE {incident}"], "unsealed_end")
    },
];

#[tokio::test]
async fn tampering_is_reported_with_its_position_and_a_comment_does_not_repair_it() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let untouched = incident(root).await.1;
    for Tampering { what, statements, verdict, code, sequence, entries } in TAMPERINGS {
        let (id, path) = incident(root).await;
        let (entry, incident) = server.database.of_incident(&id);
        for statement in *statements {
            let statement = statement.replace("{entry}", &entry).replace("{incident}", &incident);
            server.database.tamper(&statement.replace("{zeros}", &format!("{{hex:{}}}", "0".repeat(64)))).await;
        }
        let found = root.get(&path).await;
        assert_eq!((found.status.as_u16(), &found.body["verdict"]), (200, &json!(verdict)), "{what}: {found:?}");
        let fault = &found.body["fault"];
        assert_eq!((&fault["code"], &fault["sequence"]), (&json!(code), &json!(sequence)), "{what}");
        assert!(fault["detail"].is_string(), "{what}");
        let counted = (&found.body["entries_whole"], &found.body["entries_expected"]);
        assert_eq!(counted, (&json!(entries.0), &json!(entries.1)), "{what}");
        let number = found.text_of("number");
        let by_number = root.get(&format!("/api/v1/incidents/{number}/logs/verify")).await;
        assert_eq!(by_number.body, found.body, "{what}");

        // Comments are still possible unless the end is unreadable, and do not repair the timeline.
        let remark = root.post(&format!("/api/v1/incidents/{id}/logs"), json!({"message": "goes on"})).await;
        assert!(remark.status == 201 || remark.status.is_server_error(), "{what}: {remark:?}");
        let after = root.get(&path).await;
        assert_eq!(after.status, 200, "{what}: {after:?}");
        assert_ne!(after.body["verdict"], "whole", "{what}: {after:?}");
    }
    assert_eq!(root.get(&untouched).await.body["verdict"], "whole", "other timelines are not affected");
}

#[tokio::test]
async fn an_unreadable_entry_is_an_internal_error_without_retry_after() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let (id, _) = incident(root).await;
    let (entry, _) = server.database.of_incident(&id);
    server.database.tamper(&format!("UPDATE timeline_entries SET kind = 'x' WHERE sequence = 3 AND {entry}")).await;
    let logs = root.get(&format!("/api/v1/incidents/{id}/logs")).await;
    assert_eq!(logs.code(), (500, "internal_error"));
    assert!(!logs.headers.contains_key("retry-after"), "{logs:?}");
    assert_eq!(root.get(&format!("/api/v1/incidents/{id}/logs?page_size=2")).await.items().len(), 2);
}
