//! What handlers share.

use std::sync::Arc;

use incident_application::{
    identity::{Accounts, Auth},
    incidents::{Incidents, Statistics},
    kernel::{Jobs, Logs, OrdinaryRecords, Replies},
    work::{Categories, SavedViews, Tasks},
};
use incident_domain::kernel::{HealthCheck, IdGenerator};

use crate::{
    telemetry::{Metrics, TraceContext},
    trusted_proxies::TrustedProxies,
};

/// The use cases, and the ports that the HTTP adapter itself needs.
pub struct AppState {
    /// Sign-in, sessions and tokens; shared with the maintenance tasks.
    pub auth: Arc<Auth>,
    /// User accounts.
    pub accounts: Accounts,
    /// Incidents and their timelines.
    pub incidents: Incidents,
    /// Tasks.
    pub tasks: Tasks,
    /// Ordinary records of every kind, such as services.
    pub records: OrdinaryRecords,
    /// Categories of tasks.
    pub categories: Categories,
    /// Saved conditions of lists.
    pub saved_views: SavedViews,
    /// Statistics about incidents.
    pub statistics: Statistics,
    /// The audit and the event log.
    pub logs: Logs,
    /// Background jobs.
    pub jobs: Jobs,
    /// Stored responses to requests with an idempotency key; shared with the maintenance tasks.
    pub replies: Arc<Replies>,
    /// Whether requests can be served.
    pub readiness: Arc<dyn HealthCheck>,
    /// Whether the database answers.
    pub database: Arc<dyn HealthCheck>,
    /// Makes the ids of requests.
    pub ids: Arc<dyn IdGenerator>,
    /// Request metrics and their text format.
    pub metrics: Metrics,
    /// Connects requests with distributed traces, if tracing is configured.
    pub traces: Option<Arc<dyn TraceContext>>,
    /// The proxies whose reports about client addresses are trusted.
    pub trusted_proxies: TrustedProxies,
}
