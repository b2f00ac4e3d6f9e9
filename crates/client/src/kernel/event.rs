//! The event log, for other systems to follow.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::stream::{self, Stream, TryStreamExt};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{collection::resource, error::ClientError, fields::Fields};

const EVENTS_MAX: u32 = 200;

/// A fact about a change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// Its position in the log. Positions increase, with gaps.
    pub position: u64,
    /// Its id, by which a reader recognises repeated events.
    pub id: Uuid,
    /// What happened, with the version of the payload: `incident.opened.v1`.
    pub kind: String,
    /// The record that it is about, such as `incident:…`.
    pub subject: String,
    pub occurred_at: DateTime<Utc>,
    /// The facts; their form depends only on the kind.
    pub payload: Value,
}

/// Events in the order of their commits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Events {
    pub items: Vec<Event>,
    /// The position to continue from.
    pub next_after: u64,
    /// Whether more events exist now.
    pub has_more: bool,
}

resource! {
    /// The event log in the order of commits, for other systems to follow.
    events() -> EventLog of Event at ["events"];
}

impl EventLog {
    /// Returns up to 200 events after a position; 0 is the beginning. Continue with the response's `next_after`.
    pub async fn after(&self, position: u64) -> Result<Events, ClientError> {
        let query = Fields::default().with("after", position).with("limit", EVENTS_MAX);
        self.transport.get(&Self::path(&[]), &query).await
    }

    /// Streams every event after a position, including future ones: the stream never ends by itself. Polls again after a
    /// pause when there are no more. To resume, store the position of the last event that was processed.
    pub fn follow(&self, after: u64, pause: Duration) -> impl Stream<Item = Result<Event, ClientError>> + use<> {
        let log = self.clone();
        stream::try_unfold((after, false), move |(after, is_caught_up)| {
            let log = log.clone();
            async move {
                if is_caught_up {
                    tokio::time::sleep(pause).await;
                }
                let events = log.after(after).await?;
                let next = (events.next_after, !events.has_more);
                Ok::<_, ClientError>(Some((stream::iter(events.items.into_iter().map(Ok)), next)))
            }
        })
        .try_flatten()
    }
}
