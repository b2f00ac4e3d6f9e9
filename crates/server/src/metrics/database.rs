//! Metrics that are read from the database: whether it responds, and what it contains.

use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use incident_domain::{
    incidents::{OverviewRepository, Status},
    kernel::{Clock, HealthCheck},
};
use tokio::{sync::Mutex, time::timeout};

/// How long the result of a health check is reused. Anyone who reaches the server may read the metrics; without this,
/// each reading would cost the database a query.
const IS_UP_LIFETIME: Duration = Duration::from_secs(1);

/// How long counts are reused. The more rows there are, the longer counting takes.
const COUNTS_LIFETIME: Duration = Duration::from_secs(15);

/// How long counting may take. Prometheus waits ten seconds by default.
const COUNT_TIMEOUT: Duration = Duration::from_secs(3);

/// What the metrics are read from.
pub(crate) struct DatabaseMetricsPorts {
    pub(crate) database: Arc<dyn HealthCheck>,
    pub(crate) overview: Arc<dyn OverviewRepository>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Reads metrics from the database, at most once per lifetime. Counts are left out while the database is unavailable or
/// counting takes too long.
pub(crate) struct DatabaseMetrics {
    ports: DatabaseMetricsPorts,
    session_idle_max: TimeDelta,
    latest: Mutex<Latest>,
}

/// The latest results, and when they were read.
#[derive(Default)]
struct Latest {
    is_up: Option<(Instant, bool)>,
    /// `None` inside if counting failed or took too long.
    counts: Option<(Instant, Option<Counts>)>,
}

struct Counts {
    incidents: Vec<(Status, u64)>,
    live_sessions: u64,
}

impl DatabaseMetrics {
    pub(crate) fn new(ports: DatabaseMetricsPorts, session_idle_max: Duration) -> Self {
        let session_idle_max = TimeDelta::from_std(session_idle_max).unwrap_or(TimeDelta::MAX);
        Self { ports, session_idle_max, latest: Mutex::default() }
    }

    /// Returns the metrics in the text format of Prometheus. They bypass the recorder, which would keep showing the
    /// last value of a metric that is left out.
    pub(crate) async fn text(&self) -> String {
        // Concurrent readers wait here and share the results of the first.
        let mut latest = self.latest.lock().await;
        let is_up = match &latest.is_up {
            Some((at, is_up)) if at.elapsed() < IS_UP_LIFETIME => *is_up,
            _ => self.refresh(&mut latest).await,
        };
        let counts = latest.counts.as_ref().and_then(|(_, counts)| counts.as_ref()).filter(|_| is_up);
        render(is_up, counts)
    }

    /// Checks the database, counts if the counts are too old, and returns whether the database is up.
    async fn refresh(&self, latest: &mut Latest) -> bool {
        let is_up = self.ports.database.check().await.is_ok();
        let is_fresh = latest.counts.as_ref().is_some_and(|(at, _)| at.elapsed() < COUNTS_LIFETIME);
        if is_up && !is_fresh {
            let counts = timeout(COUNT_TIMEOUT, self.count()).await.ok().flatten();
            latest.counts = Some((Instant::now(), counts));
        }
        latest.is_up = Some((Instant::now(), is_up));
        is_up
    }

    async fn count(&self) -> Option<Counts> {
        let (overview, now) = (&self.ports.overview, self.ports.clock.now());
        let incidents = overview.incidents_by_status().await.ok()?;
        let live_sessions = overview.live_sessions(now, self.session_idle_max).await.ok()?;
        Some(Counts { incidents, live_sessions })
    }
}

fn render(is_up: bool, counts: Option<&Counts>) -> String {
    let mut text = String::new();
    let up = [(String::new(), u64::from(is_up))];
    write_gauge(&mut text, "incident_store_up", "Whether the database responded to the last check: 1 or 0.", up);
    if let Some(Counts { incidents, live_sessions }) = counts {
        let sessions = [(String::new(), *live_sessions)];
        write_gauge(&mut text, "incident_sessions_live", "Sessions that are valid.", sessions);
        let by_status = incidents.iter().map(|(status, count)| (format!("{{status=\"{status}\"}}"), *count));
        write_gauge(&mut text, "incident_incidents", "Incidents, by status.", by_status);
    }
    text
}

/// Writes a gauge, each of its series with its labels.
fn write_gauge(text: &mut String, name: &str, help: &str, series: impl IntoIterator<Item = (String, u64)>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in series {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}

#[cfg(test)]
mod tests;
