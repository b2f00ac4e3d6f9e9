//! `sessions`

use chrono::{DateTime, Utc};
use incident_domain::{Revocation, RevocationReason, Session, SessionId, UserId};
use sea_orm::entity::prelude::*;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) user_agent: Option<String>,
    pub(crate) ip: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) last_seen_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) revoked_at: Option<DateTime<Utc>>,
    pub(crate) revoked_because: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(belongs_to = "super::user::Entity", from = "Column::UserId", to = "super::user::Column::Id")]
    User,
}

impl Related<super::user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::User.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Session> for Model {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.as_uuid(),
            user_id: session.user_id.as_uuid(),
            user_agent: session.user_agent.clone(),
            ip: session.ip.clone(),
            created_at: session.created_at,
            last_seen_at: session.last_seen_at,
            expires_at: session.expires_at,
            revoked_at: session.revocation.map(|revocation| revocation.at),
            revoked_because: session.revocation.map(|revocation| revocation.because.as_str().to_owned()),
        }
    }
}

impl TryFrom<Model> for Session {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let because = Reading("sessions").optional_name("revoked_because", row.revoked_because.as_deref())?;
        // Who ends a session by hand, or by a release that knew no reasons, signs it out.
        let because = because.unwrap_or(RevocationReason::SignedOut);
        Ok(Self {
            id: SessionId::new(row.id),
            user_id: UserId::new(row.user_id),
            user_agent: row.user_agent,
            ip: row.ip,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            revocation: row.revoked_at.map(|at| Revocation { at, because }),
        })
    }
}
