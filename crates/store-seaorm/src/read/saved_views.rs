//! Reading saved views.

use async_trait::async_trait;
use incident_domain::{
    SavedView, SavedViewId, UserId,
    ports::{SavedViewRepository, StoreError},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::entities;
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::saved_view::{Column, Entity},
};

#[async_trait]
impl SavedViewRepository for SeaOrmStore {
    async fn find(&self, id: SavedViewId) -> Result<Option<SavedView>, StoreError> {
        let row = Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(read_error)?;
        row.map(|row| SavedView::try_from(row).map_err(corrupt_row)).transpose()
    }

    async fn of_user(&self, user: UserId) -> Result<Vec<SavedView>, StoreError> {
        let views = Entity::find().filter(Column::UserId.eq(user.as_uuid())).order_by_asc(Column::Id);
        entities(views.all(self.reader()).await.map_err(read_error)?)
    }
}
