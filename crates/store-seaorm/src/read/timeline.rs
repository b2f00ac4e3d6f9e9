//! Reading timelines.

use async_trait::async_trait;
use incident_domain::{
    IncidentId, TimelineEntry,
    ports::{StoreError, TimelineRepository},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, JoinType},
};

use super::{entities, few_lengths};
use crate::{
    SeaOrmStore,
    error::read_error,
    row::{incident, timeline_entry},
};

#[async_trait]
impl TimelineRepository for SeaOrmStore {
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        // From the beginning, whatever stands there is read: somebody may have put it before the first one.
        let after = (after > 0).then(|| i64::from(after));
        let entries = timeline_entry::Entity::find()
            .filter(timeline_entry::Column::IncidentId.eq(incident.as_uuid()))
            .apply_if(after, |entries, after| entries.filter(timeline_entry::Column::Sequence.gt(after)))
            .order_by_asc(timeline_entry::Column::Sequence)
            .limit(u64::from(limit));
        entities(entries.all(self.reader()).await.map_err(read_error)?)
    }

    async fn latest_entries(
        &self,
        incidents: &[IncidentId],
        limit_each: u32,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        if incidents.is_empty() || limit_each == 0 {
            return Ok(Vec::new());
        }
        let ids = few_lengths(incidents.iter().map(|id| id.as_uuid()).collect());
        let same_incident =
            Expr::col(incident::Column::Id.as_column_ref()).equals(timeline_entry::Column::IncidentId.as_column_ref());
        // Each incident knows how long its timeline is, so that its last entries are a range of the index.
        let before_the_latest = Expr::col(incident::Column::TimelineLength.as_column_ref()).sub(i64::from(limit_each));
        let mut latest = timeline_entry::Entity::find()
            .filter(incident::Column::Id.is_in(ids))
            .filter(Expr::col(timeline_entry::Column::Sequence.as_column_ref()).gt(before_the_latest))
            .order_by_asc(timeline_entry::Column::IncidentId)
            .order_by_asc(timeline_entry::Column::Sequence);
        QueryTrait::query(&mut latest).join(JoinType::InnerJoin, incident::Entity, same_incident);
        entities(latest.all(self.reader()).await.map_err(read_error)?)
    }
}
