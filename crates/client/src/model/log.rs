//! What has happened, as the audit and other systems read it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::Actor;
use crate::names::Outcome;

/// One thing that somebody did, or was refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Action {
    /// Its id.
    pub id: Uuid,
    /// Who did it; of a refused sign-in, whoever they said they are.
    pub actor: Actor,
    /// What it was, such as `incident.transition`.
    pub kind: String,
    /// What it was done to, such as `incident:…`.
    pub target: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was refused: a problem's code, or that of a value that did not fit.
    pub refused_because: Option<String>,
    /// The session that sent it.
    pub session_id: Option<Uuid>,
    /// The API token that sent it.
    pub api_token_id: Option<Uuid>,
    /// The address it came from.
    pub ip: Option<String>,
    /// Finds the request in the server's log.
    pub request_id: Option<String>,
    /// When it was.
    pub at: DateTime<Utc>,
}

/// A fact about a change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// Its place in the log; later events have higher ones, with gaps.
    pub position: u64,
    /// By which you recognise what you have seen.
    pub id: Uuid,
    /// What happened, with the payload's version: `incident.opened.v1`.
    pub kind: String,
    /// What it is about, such as `incident:…`.
    pub subject: String,
    /// When it was.
    pub occurred_at: DateTime<Utc>,
    /// The facts; their shape depends on the kind alone.
    pub payload: serde_json::Value,
}

/// Events in the order in which they became true.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Events {
    /// The events.
    pub items: Vec<Event>,
    /// Where to go on.
    pub next_after: u64,
    /// Whether there are events after these already.
    pub has_more: bool,
}
