//! Following the event log during writes.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join_all;
use serde_json::json;

use super::Reader;
use crate::support::{Client, Running, TestServer};

const WRITERS: usize = 16;

/// Sends twenty commands of every kind that changes an incident.
async fn write(client: &Client, writer: usize) {
    for n in 0..5 {
        let opened = client.open(&format!("{writer} {n}")).await;
        let path = format!("/api/v1/incidents/{}", opened["id"].as_str().expect("an id"));
        assert_eq!(client.post(&format!("{path}/logs"), json!({"message": "m"})).await.status, 201);
        assert_eq!(client.patch(&path, json!({"status": "investigating", "title": "on it"})).await.status, 200);
        assert_eq!(client.delete(&path).await.status, 204);
    }
}

/// Reads on until all writers have ended and every event is read.
async fn follow(client: &Client, limit: u32, is_over: &AtomicBool) -> Reader {
    let mut reader = Reader::default();
    loop {
        let was_over = is_over.load(Ordering::SeqCst);
        let has_more = reader.read(client, limit).await;
        if !was_over {
            reader.pages_meanwhile += 1;
        } else if !has_more {
            return reader;
        }
    }
}

async fn assert_readers_see_every_event(server: &TestServer, servers: &[&Running]) {
    let (manager, viewer) = (server.person("manager").await, server.person("viewer").await);
    let root = server.root().await;
    let is_over = AtomicBool::new(false);
    let at = |client: &Client, n: usize| servers[n % servers.len()].with(client);
    let writers: Vec<Client> = (0..WRITERS).map(|n| at(&manager.client, n)).collect();
    let writing = async {
        join_all(writers.iter().enumerate().map(|(writer, client)| write(client, writer))).await;
        is_over.store(true, Ordering::SeqCst);
    };
    let readers = [(root, 3), (root, 200), (&viewer.client, 7), (&viewer.client, 50)];
    let readers: Vec<(Client, u32)> =
        readers.iter().enumerate().map(|(n, (client, limit))| (at(client, n / 2 + n), *limit)).collect();
    let reading = join_all(readers.iter().map(|(client, limit)| follow(client, *limit, &is_over)));
    let ((), followed) = futures::join!(writing, reading);

    let all = Reader::read_all(root, 200).await;
    let of_incidents = Reader::read_all(&viewer.client, 200).await;
    assert!(of_incidents.seen.len() >= WRITERS * 20, "{} events", of_incidents.seen.len());
    assert!(all.seen.len() > of_incidents.seen.len());
    let expected = [&all.seen, &all.seen, &of_incidents.seen, &of_incidents.seen];
    for (reader, expected) in followed.iter().zip(expected) {
        assert_eq!(&reader.seen, expected);
        assert_eq!(reader.after, all.after, "all readers are at the end");
        assert!(reader.pages_meanwhile > 1, "nothing was read while others wrote");
    }
}

#[tokio::test]
async fn readers_see_every_event_once_in_order_during_writes() {
    let server = TestServer::start().await;
    assert_readers_see_every_event(&server, &[server.running()]).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn readers_of_two_servers_see_every_event_once_in_order() {
    let server = TestServer::start_on_postgres().await;
    let other = server.start_second();
    for _ in 0..3 {
        assert_readers_see_every_event(&server, &[server.running(), &other]).await;
    }
}
