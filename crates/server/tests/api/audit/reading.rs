//! Reading the audit: permissions, filters and pages.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta};
use futures::future::join_all;
use serde_json::{Value, json};

use super::actions;
use crate::support::{Client, TestServer, errors};

#[tokio::test]
async fn administrators_read_all_actions_and_others_their_own() {
    let server = TestServer::start().await;
    let (root, one, other) = (server.root().await, server.person("manager").await, server.person("responder").await);
    one.client.open("of one").await;
    other.client.open("of the other").await;
    let actors = async |client: &Client, query: &str| {
        let found = actions(client, query).await;
        let mut actors: Vec<String> =
            found.iter().filter_map(|action| action["actor"]["reference"].as_str().map(str::to_owned)).collect();
        actors.sort();
        actors.dedup();
        actors
    };
    assert_eq!(actors(&one.client, "").await, [one.id.as_str()]);
    assert_eq!(actors(&one.client, &format!("actor={}", one.id)).await, [one.id.as_str()]);
    assert_eq!(actors(root, &format!("actor={}", other.id)).await, [other.id.as_str()]);
    let all = actors(root, "").await;
    assert!(all.contains(&one.id) && all.contains(&other.id), "{all:?}");
    let others = one.client.get(&format!("/api/v1/actions?actor={}", other.id)).await;
    assert_eq!(others.code(), (403, "forbidden"));
    let unknown = one.client.get("/api/v1/actions?actor=01980d3e-5f00-7000-8000-000000000001").await;
    assert_eq!(unknown.code(), (403, "forbidden"), "and does not reveal whether the user exists");

    let admin = server.person("admin").await;
    let (machine, full) = (admin.api_token("manager").await.0, admin.api_token("admin").await.0);
    assert_eq!(actors(&machine, "").await, [admin.id.as_str()], "the role of the token applies");
    assert_eq!(machine.get(&format!("/api/v1/actions?actor={}", one.id)).await.code(), (403, "forbidden"));
    assert!(actors(&full, "").await.contains(&one.id));
}

fn at(action: &Value) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(action["at"].as_str().expect("a time")).expect("a time")
}

/// Checks that a query returns the actions that match the condition, and that these are some but not all.
async fn assert_filters(client: &Client, all: &[Value], query: &str, is_wanted: impl Fn(&Value) -> bool) {
    let wanted: Vec<&Value> = all.iter().filter(|action| is_wanted(action)).collect();
    assert!(!wanted.is_empty() && wanted.len() < all.len(), "{query} does not filter: {} of all", wanted.len());
    assert_eq!(actions(client, query).await.iter().collect::<Vec<_>>(), wanted, "{query}");
    let counted = client.get(&format!("/api/v1/actions?page_size=1&{query}")).await;
    assert_eq!(counted.body["total"], wanted.len(), "{query}");
}

#[tokio::test]
async fn each_filter_matches_exactly_and_several_combine_with_and() {
    let server = TestServer::start().await;
    let (root, one, other) = (server.root().await, server.person("manager").await, server.person("viewer").await);
    let opened = one.client.open("one").await;
    let target = format!("incident:{}", opened["id"].as_str().expect("an id"));
    let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
    one.client.open("two").await;
    assert_eq!(one.client.patch(&path, json!({"status": "closed"})).await.status, 409);
    assert_eq!(one.client.patch(&path, json!({"status": "investigating"})).await.status, 200);
    assert_eq!(other.client.patch(&path, json!({"title": "t"})).await.status, 403);
    assert_eq!(server.client().log_in("unknown@example.org", "wrong").await.status, 401);

    let all = actions(root, "").await;
    let middle = all[all.len() / 2]["at"].as_str().expect("a time").to_owned();
    let is_later = |action: &Value| at(action) >= DateTime::parse_from_rfc3339(&middle).expect("a time");
    let (by, kind) = (format!("actor={}", one.id), "incident.transition");
    assert_filters(root, &all, &by, |action| action["actor"]["reference"] == one.id).await;
    assert_filters(root, &all, &format!("kind={kind}"), |action| action["kind"] == kind).await;
    assert_filters(root, &all, &format!("target={target}"), |action| action["target"] == target).await;
    assert_filters(root, &all, "outcome=done", |action| action["outcome"] == "done").await;
    assert_filters(root, &all, "outcome=refused", |action| action["refused_because"].is_string()).await;
    assert_filters(root, &all, &format!("since={middle}"), is_later).await;
    assert_filters(root, &all, &format!("until={middle}"), |action| !is_later(action)).await;
    let joined = format!("{by}&kind={kind}&target={target}&outcome=refused&since={middle}");
    assert_filters(root, &all, &joined, |action| {
        let of_kind = action["kind"] == kind && action["outcome"] == "refused" && action["target"] == target;
        of_kind && action["actor"]["reference"] == one.id && is_later(action)
    })
    .await;
    // Times may be in any zone.
    let elsewhere = DateTime::parse_from_rfc3339(&middle).expect("a time");
    let elsewhere = elsewhere.with_timezone(&FixedOffset::east_opt(5 * 3600).expect("an offset")).to_rfc3339();
    assert_filters(root, &all, &format!("since={}", elsewhere.replace('+', "%2B")), is_later).await;

    let own = actions(&one.client, "").await;
    assert!(own.iter().all(|action| action["actor"]["reference"] == one.id), "{own:#?}");
    assert_eq!(actions(&one.client, &format!("kind={kind}")).await.len(), 2);
    assert_eq!(actions(&one.client, "kind=incident.update").await, [] as [Value; 0], "another user was refused that");
    for nothing in ["kind=incident", "kind=INCIDENT.OPEN", "target=incident", "since=2999-01-01T00:00:00Z"] {
        assert_eq!(actions(root, nothing).await, [] as [Value; 0], "{nothing}");
    }
}

#[tokio::test]
async fn invalid_parameters_of_the_audit_are_named() {
    let server = TestServer::start().await;
    let root = server.root().await;
    let long = format!("kind={}", "k".repeat(129));
    for (query, pointer, code) in [
        ("actor=me", "?actor", "not_an_id"),
        ("actor=", "?actor", "not_an_id"),
        ("outcome=maybe", "?outcome", "unknown_value"),
        ("outcome=", "?outcome", "unknown_value"),
        ("since=yesterday", "?since", "not_a_time"),
        ("since=", "?since", "not_a_time"),
        ("until=2026-01-31", "?until", "not_a_time"),
        ("until=2026-01-31T25:00:00Z", "?until", "not_a_time"),
        ("kind=%00", "?kind", "control_character"),
        ("kind=", "?kind", "blank"),
        (&long, "?kind", "too_long"),
        ("target=", "?target", "blank"),
        ("sort=kind", "?sort", "unknown_value"),
        ("refused_because=forbidden", "?refused_because", "unknown_parameter"),
        ("kind=a&kind=b", "?kind", "invalid_value"),
        ("cursor=x", "?cursor", "invalid_value"),
        ("page=0", "?page", "out_of_range"),
        ("page=100001", "?page", "out_of_range"),
        ("page_size=0", "?page_size", "out_of_range"),
        ("page_size=201", "?page_size", "out_of_range"),
        ("page=1&cursor=", "?cursor", "does_not_fit"),
    ] {
        let refused = root.get(&format!("/api/v1/actions?{query}")).await;
        assert_eq!(refused.invalid(), (pointer.to_owned(), code.to_owned()), "{query}");
    }
    let several = root.get("/api/v1/actions?actor=x&outcome=x&since=x&page=x").await;
    let pointers: Vec<String> = errors(&several).into_iter().map(|(pointer, _)| pointer).collect();
    assert_eq!(pointers, ["?actor", "?outcome", "?since", "?page"], "all at once");
}

/// Returns the ids of all actions, page by page.
async fn in_pages(client: &Client, pages: Pages, size: u32, query: &str) -> Vec<Value> {
    let (mut seen, mut next) = (Vec::new(), if pages == Pages::Numbered { "1".to_owned() } else { String::new() });
    loop {
        let name = if pages == Pages::Numbered { "page" } else { "cursor" };
        let page = client.get(&format!("/api/v1/actions?{name}={next}&page_size={size}{query}")).await;
        seen.extend(page.items().iter().map(|action| action["id"].clone()));
        let following = match pages {
            Pages::Numbered if page.items().is_empty() => None,
            Pages::Numbered => Some((next.parse::<u32>().expect("a number") + 1).to_string()),
            Pages::AfterCursor => page.body["next_cursor"].as_str().map(str::to_owned),
        };
        match following {
            Some(following) => next = following,
            None => return seen,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pages {
    Numbered,
    AfterCursor,
}

#[tokio::test]
async fn pages_of_the_audit_contain_each_action_once_during_writes() {
    let server = TestServer::start().await;
    let root = server.root().await;
    join_all((0..30).map(|n| async move { root.open(&format!("before {n}")).await })).await;
    let before: Vec<Value> = actions(root, "").await.iter().map(|action| action["id"].clone()).collect();
    assert!(before.len() > 30);
    for size in [1, 7, 200] {
        assert_eq!(in_pages(root, Pages::Numbered, size, "").await, before, "{size}");
    }
    // Numbered pages during writes need an end of the period.
    let last = actions(root, "").await.iter().map(at).max().expect("some") + TimeDelta::microseconds(1);
    let until = format!("&until={}", last.to_rfc3339_opts(SecondsFormat::Micros, true));
    let meanwhile = join_all((0..8).map(|writer| async move {
        for n in 0..10 {
            root.open(&format!("meanwhile {writer} {n}")).await;
        }
    }));
    let by_cursor = in_pages(root, Pages::AfterCursor, 3, "");
    let numbered = in_pages(root, Pages::Numbered, 5, &until);
    let (_, by_cursor, numbered) = futures::join!(meanwhile, by_cursor, numbered);
    assert!(by_cursor.ends_with(&before), "{} of at least {}", by_cursor.len(), before.len());
    assert_eq!(numbered, before, "nothing that came later");
    let distinct: BTreeSet<String> = by_cursor.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), by_cursor.len(), "an action was on two pages");
    let page = root.get("/api/v1/actions?page=2&page_size=10").await.body;
    let total = actions(root, "").await.len() as u64;
    assert_eq!((&page["total"], &page["total_pages"]), (&json!(total), &json!(total.div_ceil(10))));
}
