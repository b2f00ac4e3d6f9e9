//! What the statistics of incidents are computed from.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::{
    incidents::{EntryKind, IncidentFilter, IncidentId, IncidentTimes, StatisticsRepository, StatusStep},
    kernel::{Label, StoreError, Timestamp, UserId},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{incident, repository::condition_of_walk, timeline_entry};
use crate::{
    SeaOrmStore,
    error::{CorruptRow, corrupt_row, read_error},
    few_lengths::few_lengths,
    record::ColumnReader,
};

#[async_trait]
impl StatisticsRepository for SeaOrmStore {
    async fn times(
        &self,
        filter: &IncidentFilter,
        after: Option<(Timestamp, IncidentId)>,
        limit: u32,
    ) -> Result<Vec<IncidentTimes>, StoreError> {
        use incident::Column;
        let times = incident::Entity::find()
            .select_only()
            .columns([Column::Id, Column::Status, Column::Priority, Column::Service, Column::AssignedTo])
            .columns([Column::OpenedAt, Column::AcknowledgedAt, Column::MitigatedAt, Column::ResolvedAt])
            .column(Column::ReopenCount)
            .filter(condition_of_walk(self.reader().get_database_backend(), filter))
            .apply_if(after, |times, (opened_at, id)| {
                let position = Expr::tuple([Expr::col(Column::OpenedAt), Expr::col(Column::Id)]);
                times.filter(position.gt(Expr::tuple([Expr::val(opened_at), Expr::val(id.as_uuid())])))
            })
            .order_by_asc(Column::OpenedAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit));
        let rows: Vec<TimesRow> = times.into_model().all(self.reader()).await.map_err(read_error)?;
        rows.into_iter().map(|row| row.read().map_err(corrupt_row)).collect()
    }

    async fn status_steps(&self, incidents: &[IncidentId]) -> Result<Vec<StatusStep>, StoreError> {
        use timeline_entry::Column;
        if incidents.is_empty() {
            return Ok(Vec::new());
        }
        let ids = few_lengths(incidents.iter().map(|id| id.as_uuid()).collect());
        let steps = timeline_entry::Entity::find()
            .select_only()
            .columns([Column::IncidentId, Column::At])
            .expr_as(Expr::cust(r#""details" ->> 'from'"#), "from")
            .expr_as(Expr::cust(r#""details" ->> 'to'"#), "to")
            .filter(Column::IncidentId.is_in(ids))
            .filter(Column::Kind.eq(EntryKind::StatusChanged.as_str()))
            .order_by_asc(Column::IncidentId)
            .order_by_asc(Column::Sequence);
        let rows: Vec<StepRow> = steps.into_model().all(self.reader()).await.map_err(read_error)?;
        rows.into_iter().map(|row| row.read().map_err(corrupt_row)).collect()
    }
}

/// The columns of an incident that statistics need.
#[derive(FromQueryResult)]
struct TimesRow {
    id: Uuid,
    status: String,
    priority: String,
    service: Option<String>,
    assigned_to: Option<Uuid>,
    opened_at: DateTime<Utc>,
    acknowledged_at: Option<DateTime<Utc>>,
    mitigated_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
    reopen_count: i64,
}

impl TimesRow {
    fn read(self) -> Result<IncidentTimes, CorruptRow> {
        let column = ColumnReader::of::<incident::Entity>();
        Ok(IncidentTimes {
            id: IncidentId::new(self.id),
            status: column.name("status", &self.status)?,
            priority: column.name("priority", &self.priority)?,
            service: column.optional("service", self.service, Label::stored)?,
            assigned_to: self.assigned_to.map(UserId::new),
            opened_at: self.opened_at,
            acknowledged_at: self.acknowledged_at,
            mitigated_at: self.mitigated_at,
            resolved_at: self.resolved_at,
            reopen_count: column.number("reopen_count", self.reopen_count)?,
        })
    }
}

/// The columns of a timeline entry that describe a change of status.
#[derive(FromQueryResult)]
struct StepRow {
    incident_id: Uuid,
    at: DateTime<Utc>,
    from: Option<String>,
    to: Option<String>,
}

impl StepRow {
    fn read(self) -> Result<StatusStep, CorruptRow> {
        let column = ColumnReader::of::<timeline_entry::Entity>();
        let [from, to] = [self.from, self.to].map(Option::unwrap_or_default);
        Ok(StatusStep {
            incident_id: IncidentId::new(self.incident_id),
            at: self.at,
            from: column.name("details", &from)?,
            to: column.name("details", &to)?,
        })
    }
}
