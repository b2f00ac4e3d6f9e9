//! Reading the event log.

use async_trait::async_trait;
use incident_domain::{
    LoggedEvent,
    ports::{EventLog, StoreError},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entities;
use crate::{SeaOrmStore, error::read_error, row::event};

#[async_trait]
impl EventLog for SeaOrmStore {
    async fn after(&self, position: u64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        // Nothing stands after a position that no database can hold.
        let Ok(position) = i64::try_from(position) else {
            return Ok(Vec::new());
        };
        let events = event::Entity::find()
            .filter(event::Column::Position.gt(position))
            .order_by_asc(event::Column::Position)
            .limit(u64::from(limit));
        entities(events.all(self.reader()).await.map_err(read_error)?)
    }
}
