//! The use cases behind the routes.

use std::sync::Arc;

use incident_application::{Accounts, Auth, Categories, Incidents, Logs, Replies, SavedViews, Statistics, Tasks};
use incident_domain::ports::{HealthCheck, IdGenerator};

use crate::{
    measuring::{Metrics, TraceContext},
    trusted_proxies::TrustedProxies,
};

/// What the routes call.
pub struct Services {
    /// Signing in, sessions and tokens; shared with whoever keeps house.
    pub auth: Arc<Auth>,
    /// Managing accounts.
    pub accounts: Accounts,
    /// Working with incidents.
    pub incidents: Incidents,
    /// Working with tasks.
    pub tasks: Tasks,
    /// Looking after the categories of tasks.
    pub categories: Categories,
    /// Keeping what users look at again and again.
    pub saved_views: SavedViews,
    /// The numbers about incidents.
    pub statistics: Statistics,
    /// Reading the audit and the event log.
    pub logs: Logs,
    /// What is kept of the answers to requests with a key; shared with whoever keeps house.
    pub replies: Arc<Replies>,
    /// Whether requests can be served.
    pub readiness: Arc<dyn HealthCheck>,
    /// Whether the database answers.
    pub database: Arc<dyn HealthCheck>,
    /// Makes the ids of requests.
    pub ids: Arc<dyn IdGenerator>,
    /// What is measured.
    pub metrics: Metrics,
    /// How requests become parts of traces, where somebody traces.
    pub traces: Option<Arc<dyn TraceContext>>,
    /// Who is believed about where requests come from.
    pub trusted_proxies: TrustedProxies,
}
