//! Reading the event log: contents and permissions.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::{Value, json};

use super::Reader;
use crate::support::{Client, TestServer, errors};

async fn kinds(client: &Client) -> BTreeSet<String> {
    let page = client.get("/api/v1/events?limit=200").await;
    page.items().iter().map(|event| event["kind"].as_str().expect("a kind").to_owned()).collect()
}

#[tokio::test]
async fn every_change_has_an_event_with_its_payload() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let id = admin.open("an incident").await["id"].clone();
    let path = format!("/api/v1/incidents/{}", id.as_str().expect("an id"));
    assert_eq!(admin.patch(&path, json!({"status": "investigating"})).await.status, 200);
    assert_eq!(admin.delete(&path).await.status, 204);
    let page = admin.get("/api/v1/events?limit=200").await;
    let subject = json!(format!("incident:{}", id.as_str().expect("an id")));
    let about: Vec<&Value> = page.items().iter().filter(|event| event["subject"] == subject).collect();
    assert_eq!(about.first().expect("it was opened")["kind"], "incident.opened.v1");
    assert_eq!(about.last().expect("it was deleted")["kind"], "incident.deleted.v1");
    assert!(about.iter().all(|event| event["payload"].is_object()), "{about:#?}");
}

#[tokio::test]
async fn the_deletion_of_an_incident_is_the_only_event_for_its_tasks() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let id = admin.open("an incident").await["id"].clone();
    let path = format!("/api/v1/incidents/{}", id.as_str().expect("an id"));
    let task = admin.post(&format!("{path}/tasks"), json!({"title": "call the provider"})).await.text_of("id");
    let entries = admin.get(&format!("{path}/logs")).await;
    let end = json!({"length": entries.items().len(), "hash": entries.items().last().expect("entries")["hash"]});
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.get(&format!("/api/v1/tasks/{task}")).await.status, 404);

    let page = admin.get("/api/v1/events?limit=200").await;
    let about_tasks: Vec<&Value> = page
        .items()
        .iter()
        .filter(|event| event["kind"].as_str().is_some_and(|kind| kind.starts_with("task.")))
        .collect();
    let [created] = about_tasks.as_slice() else { panic!("{about_tasks:?}") };
    assert_eq!((&created["kind"], &created["payload"]["incident_id"]), (&json!("task.created.v1"), &id));
    let last = page.items().last().expect("an event");
    assert_eq!((&last["kind"], &last["payload"]["incident"]["id"]), (&json!("incident.deleted.v1"), &id));
    assert_eq!(last["payload"]["timeline"], end, "what was deleted");
}

#[tokio::test]
async fn pages_of_any_size_give_the_same_events() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    join_all((0..25).map(|n| admin.open(if n % 2 == 0 { "even" } else { "odd" }))).await;
    let all = Reader::read_all(&admin, 200).await.seen;
    assert!((25..200).contains(&all.len()), "one page of 200 holds them");
    let ids: BTreeSet<&String> = all.iter().map(|(_, id)| id).collect();
    assert_eq!(ids.len(), all.len(), "no event is there twice");
    for limit in [1, 7, 50] {
        assert_eq!(Reader::read_all(&admin, limit).await.seen, all, "pages of {limit}");
    }
    let default = admin.get("/api/v1/events").await;
    assert_eq!(default.items().len(), all.len().min(50));
    // The rest is the same from any position.
    for (index, (position, _)) in all.iter().enumerate() {
        let rest = admin.get(&format!("/api/v1/events?after={position}&limit=200")).await;
        assert_eq!(rest.items().len(), all.len() - index - 1, "after {position}");
    }
}

#[tokio::test]
async fn other_roles_read_the_events_of_incidents_up_to_the_end() {
    let server = TestServer::start().await;
    let viewer = server.person("viewer").await;
    let root = server.root().await;
    root.open("first").await;
    for _ in 0..5 {
        server.person("viewer").await;
    }
    root.open("second").await;
    assert!(kinds(&viewer.client).await.iter().all(|kind| kind.starts_with("incident.")));
    assert!(kinds(root).await.iter().any(|kind| kind.starts_with("user.")));
    let (few, all) = (Reader::read_all(&viewer.client, 2).await, Reader::read_all(root, 2).await);
    assert_eq!(few.after, all.after, "both are at the end");
    assert_eq!(few.seen.len(), 2, "two were opened");
    let (machine, _) = server.person("admin").await.api_token("manager").await;
    assert!(kinds(&machine).await.iter().all(|kind| kind.starts_with("incident.")), "the role of the token applies");
}

#[tokio::test]
async fn a_page_without_visible_events_continues() {
    let server = TestServer::start().await;
    let viewer = server.person("viewer").await;
    for _ in 0..3 {
        server.person("viewer").await;
    }
    let opened = server.root().await.open("at last").await;
    let (mut after, mut empty) = (0, 0);
    loop {
        let page = viewer.client.get(&format!("/api/v1/events?after={after}&limit=1")).await;
        let next = page.body["next_after"].as_u64().expect("a position");
        assert!(next > after, "{page:?}");
        after = next;
        if let [event] = page.items() {
            assert_eq!(event["subject"], format!("incident:{}", opened["id"].as_str().expect("an id")));
            assert_eq!((&event["position"], &page.body["has_more"]), (&json!(after), &json!(false)));
            break;
        }
        assert_eq!(page.body["has_more"], true, "{page:?}");
        empty += 1;
    }
    assert!(empty >= 8, "each user was created and has signed in: {empty}");
    let end = viewer.client.get(&format!("/api/v1/events?after={after}")).await;
    assert_eq!(end.body, json!({"items": [], "next_after": after, "has_more": false}), "it stays where it is");
}

#[tokio::test]
async fn invalid_positions_and_limits_are_named() {
    let server = TestServer::start().await;
    let root = server.root().await;
    for (query, pointer, code) in [
        ("after=-1", "?after", "out_of_range"),
        ("after=9223372036854775808", "?after", "out_of_range"),
        ("after=18446744073709551616", "?after", "out_of_range"),
        ("after=x", "?after", "out_of_range"),
        ("after=", "?after", "out_of_range"),
        ("after=1.5", "?after", "out_of_range"),
        ("limit=0", "?limit", "out_of_range"),
        ("limit=201", "?limit", "out_of_range"),
        ("limit=-1", "?limit", "out_of_range"),
        ("limit=", "?limit", "out_of_range"),
        ("limit=many", "?limit", "out_of_range"),
        ("after=1&after=2", "?after", "invalid_value"),
        ("before=1", "?before", "unknown_parameter"),
        ("cursor=", "?cursor", "unknown_parameter"),
    ] {
        let refused = root.get(&format!("/api/v1/events?{query}")).await;
        assert_eq!(refused.invalid(), (pointer.to_owned(), code.to_owned()), "{query}");
    }
    let both = root.get("/api/v1/events?after=x&limit=x").await;
    let pointers: Vec<String> = errors(&both).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["?after", "?limit"], "all at once");
    let beyond = root.get("/api/v1/events?after=9223372036854775807").await;
    assert_eq!((beyond.items().len(), &beyond.body["has_more"]), (0, &json!(false)));
}
