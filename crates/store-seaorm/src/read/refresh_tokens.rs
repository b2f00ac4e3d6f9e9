//! Reading refresh tokens.

use async_trait::async_trait;
use incident_domain::{
    RefreshToken, RefreshTokenId, TokenHash,
    ports::{RefreshTokenRepository, StoreError},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::entities;
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::refresh_token::{Column, Entity},
};

#[async_trait]
impl RefreshTokenRepository for SeaOrmStore {
    async fn find(&self, id: RefreshTokenId) -> Result<Option<RefreshToken>, StoreError> {
        let row = Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(read_error)?;
        row.map(|row| RefreshToken::try_from(row).map_err(corrupt_row)).transpose()
    }

    async fn find_by_hash(&self, hash: &TokenHash) -> Result<Option<RefreshToken>, StoreError> {
        let by_hash = Entity::find().filter(Column::TokenHash.eq(hash.as_bytes().to_vec()));
        let row = by_hash.one(self.reader()).await.map_err(read_error)?;
        row.map(|row| RefreshToken::try_from(row).map_err(corrupt_row)).transpose()
    }

    async fn successors(&self, of: RefreshTokenId) -> Result<Vec<RefreshToken>, StoreError> {
        let successors = Entity::find().filter(Column::PredecessorId.eq(of.as_uuid())).order_by_asc(Column::Id);
        entities(successors.all(self.reader()).await.map_err(read_error)?)
    }
}
