//! What replaying needs.

use std::sync::Arc;

use incident_domain::{
    identity::UserRepository,
    incidents::{IncidentNumbers, IncidentRepository},
    kernel::{Clock, IdGenerator},
    write::Store,
};

/// How many keys the repositories take in one call.
pub(super) const KEYS_PER_CALL_MAX: usize = 500;

/// What replaying needs.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct ReplayPorts {
    pub store: Arc<dyn Store>,
    pub incidents: Arc<dyn IncidentRepository>,
    pub numbers: Arc<dyn IncidentNumbers>,
    pub users: Arc<dyn UserRepository>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
}
