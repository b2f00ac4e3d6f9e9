//! The event log over HTTP.

mod following;
mod reading;

use crate::support::Client;

/// A reader that continues from its last position.
#[derive(Default)]
struct Reader {
    after: u64,
    /// The positions and ids of the events.
    seen: Vec<(u64, String)>,
    /// How many pages were read during writes.
    pages_meanwhile: u32,
}

impl Reader {
    /// Reads one page; returns whether there are events after it.
    async fn read(&mut self, client: &Client, limit: u32) -> bool {
        let page = client.get(&format!("/api/v1/events?after={}&limit={limit}", self.after)).await;
        assert_eq!(page.status, 200, "{page:?}");
        for event in page.items() {
            let position = event["position"].as_u64().expect("a position");
            let last = self.seen.last().map_or(0, |(last, _)| *last);
            assert!(position > self.after.max(last), "{position} appeared below {}", self.after);
            self.seen.push((position, event["id"].as_str().expect("an id").to_owned()));
        }
        let next = page.body["next_after"].as_u64().expect("a position");
        assert!(next >= self.seen.last().map_or(0, |(last, _)| *last) && next >= self.after, "{page:?}");
        assert!(page.items().len() <= limit as usize, "{page:?}");
        let has_more = page.body["has_more"].as_bool().expect("yes or no");
        assert!(next > self.after || !has_more, "it does not go on: {page:?}");
        self.after = next;
        has_more
    }

    async fn read_all(client: &Client, limit: u32) -> Self {
        let mut reader = Self::default();
        while reader.read(client, limit).await {}
        reader
    }
}
