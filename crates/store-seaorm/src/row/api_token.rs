//! `api_tokens`

use chrono::{DateTime, Utc};
use incident_domain::{ApiToken, ApiTokenId, Label, UserId};
use sea_orm::entity::prelude::*;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) last_used_at: Option<DateTime<Utc>>,
    pub(crate) revoked_at: Option<DateTime<Utc>>,
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

impl From<&ApiToken> for Model {
    fn from(token: &ApiToken) -> Self {
        Self {
            id: token.id.as_uuid(),
            user_id: token.user_id.as_uuid(),
            name: token.name.as_str().to_owned(),
            role: token.role.as_str().to_owned(),
            token_hash: token.hash.as_bytes().to_vec(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            revoked_at: token.revoked_at,
        }
    }
}

impl TryFrom<Model> for ApiToken {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let reading = Reading("api_tokens");
        Ok(Self {
            id: ApiTokenId::new(row.id),
            user_id: UserId::new(row.user_id),
            name: reading.column("name", Label::parse(row.name))?,
            role: reading.name("role", &row.role)?,
            hash: reading.token_hash("token_hash", &row.token_hash)?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}
