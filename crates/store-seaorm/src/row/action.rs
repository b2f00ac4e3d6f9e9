//! `actions`

use chrono::{DateTime, Utc};
use incident_domain::{Action, ActionId, Actor, ApiTokenId, Origin, Outcome, SessionId};
use sea_orm::entity::prelude::*;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "actions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) actor_kind: String,
    pub(crate) actor_reference: Option<String>,
    pub(crate) kind: String,
    pub(crate) target: String,
    pub(crate) session_id: Option<Uuid>,
    pub(crate) api_token_id: Option<Uuid>,
    pub(crate) ip: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) at: DateTime<Utc>,
    /// Empty if it was done.
    pub(crate) refused_because: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Action> for Model {
    fn from(action: &Action) -> Self {
        Self {
            id: action.id.as_uuid(),
            actor_kind: action.actor.kind().to_owned(),
            actor_reference: action.actor.reference(),
            kind: action.kind.clone(),
            target: action.target.clone(),
            session_id: action.origin.session_id.map(SessionId::as_uuid),
            api_token_id: action.origin.api_token_id.map(ApiTokenId::as_uuid),
            ip: action.origin.ip.clone(),
            request_id: action.origin.request_id.clone(),
            at: action.at,
            refused_because: match &action.outcome {
                Outcome::Done => None,
                Outcome::Refused { because } => Some(because.clone()),
            },
        }
    }
}

impl TryFrom<Model> for Action {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let actor = Actor::restore(&row.actor_kind, row.actor_reference.as_deref());
        Ok(Self {
            id: ActionId::new(row.id),
            actor: Reading("actions").known("actor", actor)?,
            kind: row.kind,
            target: row.target,
            origin: Origin {
                session_id: row.session_id.map(SessionId::new),
                api_token_id: row.api_token_id.map(ApiTokenId::new),
                ip: row.ip,
                request_id: row.request_id,
            },
            outcome: row.refused_because.map_or(Outcome::Done, |because| Outcome::Refused { because }),
            at: row.at,
        })
    }
}
