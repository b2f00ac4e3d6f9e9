//! `refresh_tokens`

use chrono::{DateTime, Utc};
use incident_domain::{RefreshToken, RefreshTokenId, SessionId};
use sea_orm::entity::prelude::*;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) session_id: Uuid,
    pub(crate) predecessor_id: Option<Uuid>,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) spent_how: Option<String>,
    pub(crate) spent_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&RefreshToken> for Model {
    fn from(token: &RefreshToken) -> Self {
        Self {
            id: token.id.as_uuid(),
            session_id: token.session_id.as_uuid(),
            predecessor_id: token.predecessor_id.map(RefreshTokenId::as_uuid),
            token_hash: token.hash.as_bytes().to_vec(),
            created_at: token.created_at,
            spent_how: token.spent.map(|(spending, _)| spending.as_str().to_owned()),
            spent_at: token.spent.map(|(_, at)| at),
        }
    }
}

impl TryFrom<Model> for RefreshToken {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let reading = Reading("refresh_tokens");
        let spending = reading.optional_name("spent_how", row.spent_how.as_deref())?;
        let spent = match (spending, row.spent_at) {
            (None, None) => None,
            // A spent token must never be taken for a living one.
            (spending, at) => Some(reading.known("spent_how", spending.zip(at))?),
        };
        Ok(Self {
            id: RefreshTokenId::new(row.id),
            session_id: SessionId::new(row.session_id),
            predecessor_id: row.predecessor_id.map(RefreshTokenId::new),
            hash: reading.token_hash("token_hash", &row.token_hash)?,
            created_at: row.created_at,
            spent,
        })
    }
}
