//! Kept replies.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::kernel::{
    IdempotencyKey, RecordId as _, ReplyRepository, RequestFingerprint, StoreError, StoredReply, Timestamp, UserId,
};
use sea_orm::{
    Order,
    entity::prelude::*,
    sea_query::{DeleteStatement, Expr, ExprTrait, Query},
};

use crate::{
    SeaOrmStore,
    error::CorruptRow,
    record::{ColumnReader, NoRelation as Relation, StoredRecord, record},
    table::{Batching, Constraint},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotent_replies")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    user_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    idempotency_key: String,
    fingerprint: Vec<u8>,
    sealed: Vec<u8>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for StoredReply {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[
        Constraint::unique(
            "idempotent_replies_pkey",
            "idempotent_replies.user_id, idempotent_replies.idempotency_key",
            Self::KEY,
        ),
        Constraint::reference("idempotent_replies_user_id_fkey", UserId::KIND),
    ];

    const BATCHING: &'static Batching =
        &Batching { insert_order: &["user_id", "idempotency_key"], ..Batching::DEFAULT };

    fn to_row(&self) -> Model {
        Model {
            user_id: self.user_id.as_uuid(),
            idempotency_key: self.key.as_str().to_owned(),
            fingerprint: self.fingerprint.as_bytes().to_vec(),
            sealed: self.sealed.clone(),
            created_at: self.created_at,
            expires_at: self.expires_at,
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        let fingerprint = column.parsed("fingerprint", <[u8; 32]>::try_from(row.fingerprint.as_slice()))?;
        Ok(Self {
            user_id: UserId::new(row.user_id),
            key: column.parsed("idempotency_key", IdempotencyKey::parse(row.idempotency_key))?,
            fingerprint: RequestFingerprint::new(fingerprint),
            sealed: row.sealed,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}

#[async_trait]
impl ReplyRepository for SeaOrmStore {
    async fn find(&self, user_id: UserId, key: &IdempotencyKey) -> Result<Option<StoredReply>, StoreError> {
        let by_key = Entity::find_by_id((user_id.as_uuid(), key.as_str().to_owned()));
        record(by_key.one(self.reader()).await)
    }
}

/// Deletes replies that expired before a time, those that expired first.
pub(crate) fn purge(expired_before: Timestamp, replies_max: u32) -> DeleteStatement {
    let expired_first = Query::select()
        .columns([Column::UserId, Column::IdempotencyKey])
        .from(Entity)
        .and_where(Column::ExpiresAt.lt(expired_before))
        .order_by(Column::ExpiresAt, Order::Asc)
        .limit(u64::from(replies_max))
        .take();
    let key = Expr::tuple([Expr::col(Column::UserId), Expr::col(Column::IdempotencyKey)]);
    Query::delete().from_table(Entity).and_where(key.in_subquery(expired_first)).take()
}
