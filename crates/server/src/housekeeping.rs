//! What a running server does by itself from time to time.

use std::{sync::Arc, time::Duration};

use incident_application::Auth;
use tokio::time::{MissedTickBehavior, interval};

/// How often it is written down when sessions and API tokens were last heard of.
const SEEN_INTERVAL: Duration = Duration::from_secs(15);

/// How often sessions are taken away that ended long ago.
const PURGE_INTERVAL: Duration = Duration::from_mins(10);

/// Keeps house until it is dropped.
pub(crate) async fn keep_house(auth: Arc<Auth>) {
    let (mut seen, mut purge) = (interval(SEEN_INTERVAL), interval(PURGE_INTERVAL));
    for timer in [&mut seen, &mut purge] {
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    loop {
        tokio::select! {
            _ = seen.tick() => write_down_seen(&auth).await,
            _ = purge.tick() => {
                if let Err(error) = auth.purge_sessions().await {
                    tracing::warn!(error = %error, "sessions that ended long ago could not be taken away");
                }
            }
        }
    }
}

/// Writes down what is known and not written yet.
pub(crate) async fn write_down_seen(auth: &Auth) {
    if let Err(error) = auth.write_down_seen().await {
        tracing::warn!(error = %error, "when sessions were last heard of could not be written down");
    }
}
