//! What a running server does by itself from time to time.

use std::{sync::Arc, time::Duration};

use incident_application::{Auth, Replies};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::time::{MissedTickBehavior, interval};

/// How often it is written down when sessions and API tokens were last heard of.
const SEEN_INTERVAL: Duration = Duration::from_secs(15);

/// How often sessions are taken away that ended long ago.
const PURGE_INTERVAL: Duration = Duration::from_mins(10);

/// How often replies are taken away that were kept long enough.
const PURGE_REPLIES_INTERVAL: Duration = Duration::from_mins(1);

/// How often measured times are put into their buckets. Until then each of them takes memory.
const MEASUREMENTS_INTERVAL: Duration = Duration::from_secs(5);

/// Keeps house until it is dropped.
pub(crate) async fn keep_house(auth: Arc<Auth>, replies: Arc<Replies>, measurements: PrometheusHandle) {
    let (mut seen, mut purge) = (interval(SEEN_INTERVAL), interval(PURGE_INTERVAL));
    let mut purge_replies = interval(PURGE_REPLIES_INTERVAL);
    let mut tidy_measurements = interval(MEASUREMENTS_INTERVAL);
    for timer in [&mut seen, &mut purge, &mut purge_replies, &mut tidy_measurements] {
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    loop {
        tokio::select! {
            _ = seen.tick() => write_down_seen(&auth).await,
            _ = tidy_measurements.tick() => measurements.run_upkeep(),
            _ = purge.tick() => {
                if let Err(error) = auth.purge_sessions().await {
                    tracing::warn!(error = %error, "sessions that ended long ago could not be taken away");
                }
            }
            _ = purge_replies.tick() => {
                if let Err(error) = replies.purge().await {
                    tracing::warn!(error = %error, "replies that were kept long enough could not be taken away");
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
