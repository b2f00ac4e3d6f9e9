//! Reading kept replies.

use async_trait::async_trait;
use incident_domain::{
    IdempotencyKey, StoredReply, UserId,
    ports::{ReplyRepository, StoreError},
};
use sea_orm::EntityTrait;

use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::idempotent_reply::Entity,
};

#[async_trait]
impl ReplyRepository for SeaOrmStore {
    async fn find(&self, user_id: UserId, key: &IdempotencyKey) -> Result<Option<StoredReply>, StoreError> {
        let by_key = Entity::find_by_id((user_id.as_uuid(), key.as_str().to_owned()));
        let row = by_key.one(self.reader()).await.map_err(read_error)?;
        row.map(|row| StoredReply::try_from(row).map_err(corrupt_row)).transpose()
    }
}
