//! A repeated request has no further effect and the same response.

mod at_once;
mod every_command;
mod keys;
mod later;
mod not_for;
mod refused;
mod replicas;
mod reused;

use crate::support::{Client, TestServer};

/// Counts of effects: each leaves an action and, if it changes something, an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Happened {
    actions: u64,
    events: u64,
}

impl Happened {
    /// Reads the counts as an administrator, who sees everything.
    async fn seen_by(root: &Client) -> Self {
        let actions = root.get("/api/v1/actions?page_size=1").await.body["total"].as_u64().expect("a total");
        Self { actions, events: events(root).await }
    }

    const fn and(self, actions: u64, events: u64) -> Self {
        Self { actions: self.actions + actions, events: self.events + events }
    }
}

/// Returns how many events there are.
async fn events(root: &Client) -> u64 {
    let (mut count, mut after) = (0, 0);
    loop {
        let page = root.get(&format!("/api/v1/events?after={after}&limit=200")).await;
        count += page.items().len() as u64;
        after = page.body["next_after"].as_u64().expect("a position");
        if page.body["has_more"] == false {
            return count;
        }
    }
}

/// Returns how many responses are kept.
async fn kept(server: &TestServer) -> String {
    server.database.text("SELECT CAST(count(*) AS text) FROM idempotent_replies").await
}
