//! Reading categories.

use async_trait::async_trait;
use incident_domain::{
    Category, CategoryId, CategoryName, Direction, ListCursor, Page, PageRequest,
    ports::{CategoryRepository, StoreError},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, sea_query::Expr};

use super::{entities, few_lengths, order::Order, page::list};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::category::{Column, Entity},
};

#[async_trait]
impl CategoryRepository for SeaOrmStore {
    async fn find_many(&self, ids: &[CategoryId]) -> Result<Vec<Category>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = few_lengths(ids.iter().map(|id| id.as_uuid()).collect());
        entities(Entity::find().filter(Column::Id.is_in(ids)).all(self.reader()).await.map_err(read_error)?)
    }

    async fn find_by_name(&self, name: &CategoryName) -> Result<Option<Category>, StoreError> {
        let by_name = Entity::find().filter(Column::NameKey.eq(name.key()));
        let row = by_name.one(self.reader()).await.map_err(read_error)?;
        row.map(|row| Category::try_from(row).map_err(corrupt_row)).transpose()
    }

    /// The column itself is compared code point by code point, on PostgreSQL as well.
    async fn list(&self, page: PageRequest<ListCursor>) -> Result<Page<Category>, StoreError> {
        let by_name = Order::by(Expr::col(Column::NameKey), Column::Id, Direction::Ascending);
        list::<Entity>(self.reader(), by_name, Condition::all()).page(page).await
    }
}
