//! Counts of incidents and sessions.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    incidents::{OverviewRepository, Status},
    kernel::{StoreError, Timestamp},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::incident::{Column, Entity};
use crate::{SeaOrmStore, error::read_error, identity::session};

#[async_trait]
impl OverviewRepository for SeaOrmStore {
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        let counts = Entity::find()
            .select_only()
            .column(Column::Status)
            .column_as(Column::Id.count(), "count")
            .group_by(Column::Status)
            .into_tuple::<(String, i64)>();
        let counts: HashMap<String, i64> = counts.all(self.reader()).await.map_err(read_error)?.into_iter().collect();
        let count = |status: &Status| counts.get(status.as_str()).copied().unwrap_or_default();
        Ok(Status::ALL.iter().map(|status| (*status, u64::try_from(count(status)).unwrap_or_default())).collect())
    }

    async fn live_sessions(&self, now: Timestamp, idle_max: TimeDelta) -> Result<u64, StoreError> {
        let live = session::Entity::find().filter(session::is_live(now, now - idle_max));
        live.count(self.reader()).await.map_err(read_error)
    }
}
