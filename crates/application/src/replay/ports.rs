//! What replaying needs from the world.

use std::sync::Arc;

use incident_domain::ports::{Clock, IdGenerator, IncidentNumbers, IncidentRepository, Store, UserRepository};

/// How many keys the repositories take in one question.
pub(super) const KEYS_PER_QUESTION_MAX: usize = 500;

/// What replaying needs from the world.
#[derive(Clone)]
pub struct ReplayPorts {
    /// Writes everything.
    pub store: Arc<dyn Store>,
    /// Tells which incidents are there already.
    pub incidents: Arc<dyn IncidentRepository>,
    /// Numbers the new ones.
    pub numbers: Arc<dyn IncidentNumbers>,
    /// Tells which people are there already.
    pub users: Arc<dyn UserRepository>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn IdGenerator>,
}
