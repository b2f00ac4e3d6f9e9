//! The audit.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{collection::resource, fields::fields, names::names};

names! {
    /// How a command ended.
    Outcome { Done, Refused }
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Actor {
    /// `user`, `system`, `integration`, `agent` or `anonymous`.
    pub kind: String,
    /// The user's id, or the name of the integration or agent.
    pub reference: Option<String>,
}

/// An action of an actor, executed or refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Action {
    pub id: Uuid,
    /// Who did it; for a refused sign-in, the account that was named.
    pub actor: Actor,
    /// The kind of action, such as `incident.transition`.
    pub kind: String,
    /// The record that it was meant for, such as `incident:…`.
    pub target: String,
    pub outcome: Outcome,
    /// Why it was refused: the code of a problem or of an invalid value.
    pub refused_because: Option<String>,
    /// The session that sent it.
    pub session_id: Option<Uuid>,
    /// The API token that sent it.
    pub api_token_id: Option<Uuid>,
    pub ip: Option<String>,
    /// The request's id in the server's log.
    pub request_id: Option<String>,
    pub at: DateTime<Utc>,
}

fields! {
    /// Conditions on actions, joined by "and". The default is all actions that the caller may see.
    ActionFilter {
        /// Actions of this user.
        actor: Uuid,
        /// Actions of this kind, such as `auth.sign_in`.
        kind: &str,
        /// Actions on this record, such as `incident:…`.
        target: &str,
        /// Actions that ended like this.
        outcome: Outcome,
        /// Actions at this time or later.
        since: DateTime<Utc>,
        /// Actions before this time.
        until: DateTime<Utc>,
    }
}

impl ActionFilter {
    /// Sorts the oldest action first.
    pub fn oldest_first(self) -> Self {
        self.with("sort", "at")
    }
}

resource! {
    /// The audit: administrators see the actions of all users, other users their own.
    actions() -> Actions of Action at ["actions"];
    Filtered { Filter = ActionFilter }
}
