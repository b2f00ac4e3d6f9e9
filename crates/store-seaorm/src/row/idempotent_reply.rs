//! `idempotent_replies`

use chrono::{DateTime, Utc};
use incident_domain::{IdempotencyKey, RequestFingerprint, StoredReply, UserId};
use sea_orm::entity::prelude::*;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotent_replies")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) idempotency_key: String,
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) sealed: Vec<u8>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&StoredReply> for Model {
    fn from(reply: &StoredReply) -> Self {
        Self {
            user_id: reply.user_id.as_uuid(),
            idempotency_key: reply.key.as_str().to_owned(),
            fingerprint: reply.fingerprint.as_bytes().to_vec(),
            sealed: reply.sealed.clone(),
            created_at: reply.created_at,
            expires_at: reply.expires_at,
        }
    }
}

impl TryFrom<Model> for StoredReply {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let reading = Reading("idempotent_replies");
        let fingerprint = reading.column("fingerprint", <[u8; 32]>::try_from(row.fingerprint.as_slice()))?;
        Ok(Self {
            user_id: UserId::new(row.user_id),
            key: reading.column("idempotency_key", IdempotencyKey::parse(row.idempotency_key))?,
            fingerprint: RequestFingerprint::new(fingerprint),
            sealed: row.sealed,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}
