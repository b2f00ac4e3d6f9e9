//! Refresh tokens.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::{
    identity::{RefreshToken, RefreshTokenId, RefreshTokenRepository, Spending, TokenHash},
    kernel::{RecordId as _, SessionId, StoreError, Timestamp},
};
use sea_orm::{
    QueryOrder,
    entity::prelude::*,
    sea_query::{Query, UpdateStatement},
};

use crate::{
    SeaOrmStore,
    error::CorruptRow,
    record::{ColumnReader, NoRelation as Relation, StoredRecord, record, records},
    table::Constraint,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    session_id: Uuid,
    predecessor_id: Option<Uuid>,
    token_hash: Vec<u8>,
    created_at: DateTime<Utc>,
    spent_how: Option<String>,
    spent_at: Option<DateTime<Utc>>,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for RefreshToken {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[
        Constraint::unique("refresh_tokens_token_hash", "refresh_tokens.token_hash", Self::TOKEN_HASH),
        Constraint::reference("refresh_tokens_session_id_fkey", SessionId::KIND),
        Constraint::reference("refresh_tokens_predecessor_id_fkey", RefreshTokenId::KIND),
    ];

    fn to_row(&self) -> Model {
        Model {
            id: self.id.as_uuid(),
            session_id: self.session_id.as_uuid(),
            predecessor_id: self.predecessor_id.map(RefreshTokenId::as_uuid),
            token_hash: self.hash.as_bytes().to_vec(),
            created_at: self.created_at,
            spent_how: self.spent.map(|(spending, _)| spending.as_str().to_owned()),
            spent_at: self.spent.map(|(_, at)| at),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        let spending = column.optional_name("spent_how", row.spent_how.as_deref())?;
        let spent = match (spending, row.spent_at) {
            (None, None) => None,
            // A spent token must never pass for an unspent one.
            (spending, at) => Some(column.known("spent_how", spending.zip(at))?),
        };
        Ok(Self {
            id: RefreshTokenId::new(row.id),
            session_id: SessionId::new(row.session_id),
            predecessor_id: row.predecessor_id.map(RefreshTokenId::new),
            hash: column.parsed("token_hash", <[u8; 32]>::try_from(row.token_hash.as_slice())).map(TokenHash::new)?,
            created_at: row.created_at,
            spent,
        })
    }
}

#[async_trait]
impl RefreshTokenRepository for SeaOrmStore {
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<RefreshToken>, StoreError> {
        let by_hash = Entity::find().filter(Column::TokenHash.eq(hash.as_bytes().to_vec()));
        record(by_hash.one(self.reader()).await)
    }

    async fn successors(&self, of: RefreshTokenId) -> Result<Vec<RefreshToken>, StoreError> {
        let successors = Entity::find().filter(Column::PredecessorId.eq(of.as_uuid())).order_by_asc(Column::Id);
        records(successors.all(self.reader()).await)
    }
}

/// Spends a token, if it is unspent.
pub(crate) fn spend(id: RefreshTokenId, spending: Spending, at: Timestamp) -> UpdateStatement {
    Query::update()
        .table(Entity)
        .value(Column::SpentHow, spending.as_str())
        .value(Column::SpentAt, at)
        .and_where(Column::Id.eq(id.as_uuid()))
        .and_where(Column::SpentHow.is_null())
        .take()
}
