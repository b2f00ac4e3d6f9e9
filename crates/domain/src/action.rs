//! The audit: who did what, from where.

use crate::{ActionId, Actor, ApiTokenId, SessionId, Timestamp};

/// Where a command came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The session that sent it.
    pub session_id: Option<SessionId>,
    /// The API token that sent it; such a request has no session.
    pub api_token_id: Option<ApiTokenId>,
    /// The address it came from.
    pub ip: Option<String>,
    /// The request that carried it.
    pub request_id: Option<String>,
}

/// One audited thing that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its identifier.
    pub id: ActionId,
    /// Who did it.
    pub actor: Actor,
    /// What it was: `incident.transition`.
    pub kind: String,
    /// What it was done to: `incident:0198…`.
    pub target: String,
    /// Where it came from.
    pub origin: Origin,
    /// When.
    pub at: Timestamp,
}
