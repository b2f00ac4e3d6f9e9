//! What has happened, for other systems to follow.

use std::time::Duration;

use futures::stream::{self, Stream, TryStreamExt};

use crate::{
    error::ClientError,
    model::{Event, Events},
    transport::Transport,
};

/// What has happened, in the order in which it became true.
#[derive(Clone, Debug)]
pub struct EventLog(pub(crate) Transport);

impl EventLog {
    /// The events after a position; 0 is the very beginning. Go on with the answer's `next_after`.
    pub async fn after(&self, position: u64) -> Result<Events, ClientError> {
        self.0.get(&["events"], &[("after", position.to_string()), ("limit", "200".to_owned())]).await
    }

    /// Every event after a position, those to come included: it never ends by itself. Asks anew after a pause when
    /// there are no more. Keep the position of the last event that was dealt with, to go on from there.
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
