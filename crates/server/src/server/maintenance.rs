//! The maintenance tasks of a running server.

use std::{convert::Infallible, sync::Arc, time::Duration};

use incident_application::identity::Auth;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::time::{MissedTickBehavior, interval};

/// How often the store is updated with the times at which sessions and API tokens were last used.
const LAST_SEEN_INTERVAL: Duration = Duration::from_secs(15);

/// How often measured durations are added to their histograms. Each of them takes memory until then.
const METRICS_INTERVAL: Duration = Duration::from_secs(5);

/// Runs the maintenance tasks of this process until the future is dropped. What replicas share is done by background jobs.
pub(super) async fn run_maintenance(auth: Arc<Auth>, metrics: PrometheusHandle) -> Infallible {
    let (mut flush, mut metrics_upkeep) = (interval(LAST_SEEN_INTERVAL), interval(METRICS_INTERVAL));
    for timer in [&mut flush, &mut metrics_upkeep] {
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    }
    loop {
        tokio::select! {
            _ = flush.tick() => flush_last_seen(&auth).await,
            _ = metrics_upkeep.tick() => metrics.run_upkeep(),
        }
    }
}

/// Stores the times at which sessions and API tokens were last used.
pub(super) async fn flush_last_seen(auth: &Auth) {
    if let Err(error) = auth.flush_last_seen().await {
        tracing::warn!(error = %error, "cannot store when sessions were last used");
    }
}
