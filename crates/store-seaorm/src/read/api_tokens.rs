//! Reading API tokens.

use async_trait::async_trait;
use incident_domain::{
    ApiToken, ApiTokenId, Page, PageRequest, TokenHash, User, UserId,
    ports::{ApiTokenRepository, StoreError},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::page::{by_id, newest_first};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::{
        api_token::{Column, Entity},
        user,
    },
};

#[async_trait]
impl ApiTokenRepository for SeaOrmStore {
    async fn find(&self, id: ApiTokenId) -> Result<Option<ApiToken>, StoreError> {
        let row = Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(read_error)?;
        row.map(|row| ApiToken::try_from(row).map_err(corrupt_row)).transpose()
    }

    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<(ApiToken, User)>, StoreError> {
        let by_hash = Entity::find().filter(Column::TokenHash.eq(hash.as_bytes().to_vec()));
        let query = by_hash.find_also_related(user::Entity);
        let Some((token, Some(user))) = query.one(self.reader()).await.map_err(read_error)? else {
            return Ok(None);
        };
        let token = ApiToken::try_from(token).map_err(corrupt_row)?;
        Ok(Some((token, User::try_from(user).map_err(corrupt_row)?)))
    }

    async fn list(&self, user: UserId, page: PageRequest<ApiTokenId>) -> Result<Page<ApiToken>, StoreError> {
        let not_revoked = Condition::all().add(Column::UserId.eq(user.as_uuid())).add(Column::RevokedAt.is_null());
        newest_first::<Entity>(self.reader(), Column::Id, not_revoked).page(by_id(page, ApiTokenId::as_uuid)).await
    }
}
