//! The event log over HTTP.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Client, TestServer};

/// What a reader has seen who goes on from where it was.
#[derive(Default)]
struct Reader {
    after: u64,
    seen: Vec<(u64, String)>,
}

impl Reader {
    /// Reads one page; whether there are events after it already.
    async fn read(&mut self, client: &Client, limit: u32) -> bool {
        let page = client.get(&format!("/api/v1/events?after={}&limit={limit}", self.after)).await;
        assert_eq!(page.status, 200, "{page:?}");
        for event in page.items() {
            let position = event["position"].as_u64().expect("a position");
            assert!(position > self.after, "{position} appeared below {}", self.after);
            self.seen.push((position, event["id"].as_str().expect("an id").to_owned()));
        }
        let next = page.body["next_after"].as_u64().expect("a position");
        assert!(next >= self.seen.last().map_or(0, |(last, _)| *last) && next >= self.after, "{page:?}");
        self.after = next;
        page.body["has_more"].as_bool().expect("yes or no")
    }

    async fn read_all(client: &Client, limit: u32) -> Self {
        let mut reader = Self::default();
        while reader.read(client, limit).await {}
        reader
    }
}

async fn kinds(client: &Client) -> BTreeSet<String> {
    let page = client.get("/api/v1/events?limit=200").await;
    page.items().iter().map(|event| event["kind"].as_str().expect("a kind").to_owned()).collect()
}

#[tokio::test]
async fn every_change_is_an_event_with_its_payload() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let id = admin.open("told").await["id"].clone();
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
async fn pages_of_any_size_give_the_same_events() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    join_all((0..25).map(|n| admin.open(if n % 2 == 0 { "even" } else { "odd" }))).await;
    let all = Reader::read_all(&admin, 200).await.seen;
    assert!(all.len() >= 25);
    for limit in [1, 7, 50] {
        assert_eq!(Reader::read_all(&admin, limit).await.seen, all, "pages of {limit}");
    }
}

#[tokio::test]
async fn who_is_no_administrator_sees_what_is_about_incidents_and_reaches_the_end() {
    let server = TestServer::start().await;
    let viewer = server.person("viewer").await;
    let root = server.root().await;
    root.open("for everybody").await;
    for _ in 0..5 {
        server.person("viewer").await;
    }
    root.open("for everybody too").await;
    assert!(kinds(&viewer.client).await.iter().all(|kind| kind.starts_with("incident.")));
    assert!(kinds(root).await.iter().any(|kind| kind.starts_with("user.")));
    let (few, all) = (Reader::read_all(&viewer.client, 2).await, Reader::read_all(root, 2).await);
    assert_eq!(few.after, all.after, "both are at the end");
    assert_eq!(few.seen.len(), 2, "two were opened");
}

#[tokio::test]
async fn a_reader_who_goes_on_from_a_position_never_misses_an_event() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let writers = join_all((0..16).map(|writer| {
        let admin = admin.clone();
        async move {
            for n in 0..12 {
                let opened = admin.open(&format!("{writer} {n}")).await;
                let logs = format!("/api/v1/incidents/{}/logs", opened["id"].as_str().expect("an id"));
                assert_eq!(admin.post(&logs, json!({"message": "m"})).await.status, 201);
            }
        }
    }));
    let mut reader = Reader::default();
    let mut writing = std::pin::pin!(writers);
    loop {
        tokio::select! {
            biased;
            _ = &mut writing => break,
            _ = reader.read(&admin, 5) => {}
        }
    }
    let at_once = reader.seen.len();
    while reader.read(&admin, 50).await {}
    let all = Reader::read_all(&admin, 200).await.seen;
    assert!(all.len() >= 16 * 12 * 2, "{} events", all.len());
    assert!(at_once > 0, "nothing was read while others wrote");
    assert_eq!(reader.seen, all);
}

#[tokio::test]
async fn positions_and_limits_that_cannot_be_are_told() {
    let server = TestServer::start().await;
    let root = server.root().await;
    for (query, pointer) in [
        ("after=-1", "?after"),
        ("after=9223372036854775808", "?after"),
        ("after=x", "?after"),
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("before=1", "?before"),
    ] {
        assert_eq!(root.get(&format!("/api/v1/events?{query}")).await.invalid().0, pointer, "{query}");
    }
    let beyond = root.get("/api/v1/events?after=9223372036854775807").await;
    assert_eq!((beyond.items().len(), &beyond.body["has_more"]), (0, &json!(false)));
}
