//! Counting what there is.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    Status, Timestamp,
    ports::{OverviewRepository, StoreError},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use crate::{
    SeaOrmStore,
    error::read_error,
    row::{incident, session},
};

#[async_trait]
impl OverviewRepository for SeaOrmStore {
    async fn incidents_by_status(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        let counts = incident::Entity::find()
            .select_only()
            .column(incident::Column::Status)
            .column_as(incident::Column::Id.count(), "count")
            .group_by(incident::Column::Status)
            .into_tuple::<(String, i64)>();
        let counts: HashMap<String, i64> = counts.all(self.reader()).await.map_err(read_error)?.into_iter().collect();
        let count = |status: &Status| counts.get(status.as_str()).copied().unwrap_or_default();
        Ok(Status::ALL.iter().map(|status| (*status, u64::try_from(count(status)).unwrap_or_default())).collect())
    }

    /// What [`Session::is_live`](incident_domain::Session::is_live) says, in SQL.
    async fn live_sessions(&self, now: Timestamp, idle_max: TimeDelta) -> Result<u64, StoreError> {
        let live = session::Entity::find()
            .filter(session::Column::RevokedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(now))
            .filter(session::Column::LastSeenAt.gt(now - idle_max));
        live.count(self.reader()).await.map_err(read_error)
    }
}
