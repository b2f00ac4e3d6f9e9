//! What only the database knows: whether it is there, and how much is in it.

use std::{
    fmt::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use incident_domain::{
    Status,
    ports::{Clock, HealthCheck, OverviewRepository},
};
use tokio::{sync::Mutex, time::timeout};

/// How long it is known whether the database answers. Whoever asks more often, and anybody may who reaches the server,
/// makes it no work.
const IS_UP_LIFETIME: Duration = Duration::from_secs(1);

/// How long counts are good for. Counting takes the longer the more there is.
const COUNTS_LIFETIME: Duration = Duration::from_secs(15);

/// How long the database may count. Prometheus waits ten seconds, as it is delivered.
const COUNTING_MAX: Duration = Duration::from_secs(3);

/// What is asked of the database.
pub(crate) struct OverviewPorts {
    pub(crate) database: Arc<dyn HealthCheck>,
    pub(crate) overview: Arc<dyn OverviewRepository>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Asks the database now and then, and tells what it was told last. A database that is away is no reason to tell
/// nothing else: then it is told that it is away, and nothing of what is in it; nor while counting takes too long.
pub(crate) struct Overview {
    ports: OverviewPorts,
    session_idle_max: TimeDelta,
    told: Mutex<Told>,
}

/// What the database has told, and when.
#[derive(Default)]
struct Told {
    is_up: Option<(Instant, bool)>,
    /// None if it could not, or not in time.
    counts: Option<(Instant, Option<Counts>)>,
}

struct Counts {
    incidents: Vec<(Status, u64)>,
    live_sessions: u64,
}

impl Overview {
    pub(crate) fn new(ports: OverviewPorts, session_idle_max: Duration) -> Self {
        let session_idle_max = TimeDelta::from_std(session_idle_max).unwrap_or(TimeDelta::MAX);
        Self { ports, session_idle_max, told: Mutex::default() }
    }

    /// In the text format of Prometheus. The recorder of everything else is not asked to keep this: what it has once,
    /// it tells for ever.
    pub(crate) async fn text(&self) -> String {
        // Readers wait for one another, and those who waited take what the first was told.
        let mut told = self.told.lock().await;
        let is_up = match &told.is_up {
            Some((at, is_up)) if at.elapsed() < IS_UP_LIFETIME => *is_up,
            _ => self.ask(&mut told).await,
        };
        let counts = told.counts.as_ref().and_then(|(_, counts)| counts.as_ref()).filter(|_| is_up);
        written(is_up, counts)
    }

    async fn ask(&self, told: &mut Told) -> bool {
        let is_up = self.ports.database.check().await.is_ok();
        let is_known = told.counts.as_ref().is_some_and(|(at, _)| at.elapsed() < COUNTS_LIFETIME);
        if is_up && !is_known {
            let counts = timeout(COUNTING_MAX, self.count()).await.ok().flatten();
            told.counts = Some((Instant::now(), counts));
        }
        told.is_up = Some((Instant::now(), is_up));
        is_up
    }

    async fn count(&self) -> Option<Counts> {
        let (overview, now) = (&self.ports.overview, self.ports.clock.now());
        let incidents = overview.incidents_by_status().await.ok()?;
        let live_sessions = overview.live_sessions(now, self.session_idle_max).await.ok()?;
        Some(Counts { incidents, live_sessions })
    }
}

fn written(is_up: bool, counts: Option<&Counts>) -> String {
    let mut text = String::new();
    let up = [(String::new(), u64::from(is_up))];
    family(&mut text, "incident_store_up", "Whether the database answered when it was last asked: 1 or 0.", up);
    if let Some(Counts { incidents, live_sessions }) = counts {
        let sessions = [(String::new(), *live_sessions)];
        family(&mut text, "incident_sessions_live", "Sessions that let their users in.", sessions);
        let by_status = incidents.iter().map(|(status, count)| (format!("{{status=\"{status}\"}}"), *count));
        family(&mut text, "incident_incidents", "Incidents, by where they stand.", by_status);
    }
    text
}

/// A gauge, each series with its labels.
fn family(text: &mut String, name: &str, help: &str, series: impl IntoIterator<Item = (String, u64)>) {
    // Nothing can go wrong where there is only memory to write to.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in series {
        let _ = writeln!(text, "{name}{labels} {value}");
    }
}

#[cfg(test)]
mod tests;
