//! The maintenance tasks of a running server.

use std::{sync::Arc, time::Duration};

use incident_application::{Auth, Replies};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::time::{MissedTickBehavior, interval};

/// How often the store is updated with the times at which sessions and API tokens were last used.
const LAST_SEEN_INTERVAL: Duration = Duration::from_secs(15);

/// How often sessions that ended long ago are deleted.
const PURGE_SESSIONS_INTERVAL: Duration = Duration::from_mins(10);

/// How often replies whose lifetime has passed are deleted.
const PURGE_REPLIES_INTERVAL: Duration = Duration::from_mins(1);

/// How often measured durations are added to their histograms. Each of them takes memory until then.
const METRICS_INTERVAL: Duration = Duration::from_secs(5);

/// Runs the maintenance tasks until the future is dropped.
pub(super) async fn run_maintenance(auth: Arc<Auth>, replies: Arc<Replies>, metrics: PrometheusHandle) {
    let mut flush = interval(LAST_SEEN_INTERVAL);
    let mut purge_sessions = interval(PURGE_SESSIONS_INTERVAL);
    let mut purge_replies = interval(PURGE_REPLIES_INTERVAL);
    let mut metrics_upkeep = interval(METRICS_INTERVAL);
    for timer in [&mut flush, &mut purge_sessions, &mut purge_replies, &mut metrics_upkeep] {
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    loop {
        tokio::select! {
            _ = flush.tick() => flush_last_seen(&auth).await,
            _ = metrics_upkeep.tick() => metrics.run_upkeep(),
            _ = purge_sessions.tick() => {
                if let Err(error) = auth.purge_sessions().await {
                    tracing::warn!(error = %error, "cannot delete sessions that ended long ago");
                }
            }
            _ = purge_replies.tick() => {
                if let Err(error) = replies.purge().await {
                    tracing::warn!(error = %error, "cannot delete replies whose lifetime has passed");
                }
            }
        }
    }
}

/// Stores the times at which sessions and API tokens were last used.
pub(super) async fn flush_last_seen(auth: &Auth) {
    if let Err(error) = auth.write_down_seen().await {
        tracing::warn!(error = %error, "cannot store when sessions were last used");
    }
}
