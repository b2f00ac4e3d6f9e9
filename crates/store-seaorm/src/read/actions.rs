//! Reading the audit.

use async_trait::async_trait;
use incident_domain::{
    Action,
    ports::{ActionRepository, StoreError},
};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};

use super::entities;
use crate::{SeaOrmStore, error::read_error, row::action};

#[async_trait]
impl ActionRepository for SeaOrmStore {
    async fn newest(&self, limit: u32) -> Result<Vec<Action>, StoreError> {
        let newest = action::Entity::find().order_by_desc(action::Column::Id).limit(u64::from(limit));
        entities(newest.all(self.reader()).await.map_err(read_error)?)
    }
}
