//! API tokens.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::{
    identity::{ApiToken, ApiTokenRepository, ApiTokenSelection, TokenHash, User},
    kernel::{ApiTokenId, Label, Page, PageRequest, RecordId as _, StoreError, Timestamp, UserId},
};
use sea_orm::{
    Condition,
    entity::prelude::*,
    sea_query::{Query, UpdateStatement},
};

use super::user::{self, one_with_user};
use crate::{
    SeaOrmStore,
    error::CorruptRow,
    query::{by_id, newest_first},
    record::{ColumnReader, NoRelation as Relation, StoredRecord},
    table::{Constraint, Table},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    name: String,
    role: String,
    token_hash: Vec<u8>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl Related<user::Entity> for Entity {
    fn to() -> RelationDef {
        Entity::belongs_to(user::Entity).from(Column::UserId).to(user::Column::Id).into()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for ApiToken {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[
        Constraint::unique("api_tokens_token_hash", "api_tokens.token_hash", Self::TOKEN_HASH),
        Constraint::reference("api_tokens_user_id_fkey", UserId::KIND),
    ];

    fn to_row(&self) -> Model {
        Model {
            id: self.id.as_uuid(),
            user_id: self.user_id.as_uuid(),
            name: self.name.as_str().to_owned(),
            role: self.role.as_str().to_owned(),
            token_hash: self.hash.as_bytes().to_vec(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        Ok(Self {
            id: ApiTokenId::new(row.id),
            user_id: UserId::new(row.user_id),
            name: column.parsed("name", Label::stored(row.name))?,
            role: column.name("role", &row.role)?,
            hash: column.parsed("token_hash", <[u8; 32]>::try_from(row.token_hash.as_slice())).map(TokenHash::new)?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        })
    }
}

#[async_trait]
impl ApiTokenRepository for SeaOrmStore {
    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<(ApiToken, User)>, StoreError> {
        one_with_user(Entity::find().filter(Column::TokenHash.eq(hash.as_bytes().to_vec())), self).await
    }

    async fn list(&self, user: UserId, page: PageRequest<ApiTokenId>) -> Result<Page<ApiToken>, StoreError> {
        let not_revoked = Condition::all().add(Column::UserId.eq(user.as_uuid())).add(Column::RevokedAt.is_null());
        newest_first::<Entity>(self.reader(), Column::Id, not_revoked).page(by_id(page)).await
    }
}

/// The column that a touch moves forwards.
pub(crate) const LAST_USED_AT: (&Table, &str) = (ApiToken::TABLE, "last_used_at");

/// Ends tokens that have not ended before.
pub(crate) fn revoke(selection: &ApiTokenSelection, at: Timestamp) -> UpdateStatement {
    let selected = match selection {
        ApiTokenSelection::One(id) => Column::Id.eq(id.as_uuid()),
        ApiTokenSelection::OfUser(user) => Column::UserId.eq(user.as_uuid()),
    };
    Query::update()
        .table(Entity)
        .value(Column::RevokedAt, at)
        .and_where(Column::RevokedAt.is_null())
        .and_where(selected)
        .take()
}
