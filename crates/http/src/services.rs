//! The use cases behind the routes.

use std::sync::Arc;

use incident_application::{Auth, Incidents};
use incident_domain::ports::{HealthCheck, IdGenerator};

/// What the routes call.
pub struct Services {
    /// Signing in.
    pub auth: Auth,
    /// Working with incidents.
    pub incidents: Incidents,
    /// Whether requests can be served.
    pub readiness: Arc<dyn HealthCheck>,
    /// Whether the database answers.
    pub database: Arc<dyn HealthCheck>,
    /// Makes the ids of requests.
    pub ids: Arc<dyn IdGenerator>,
}
