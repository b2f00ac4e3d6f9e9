//! Reading what the numbers about incidents are made of.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::{
    EntryKind, IncidentFilter, IncidentId, IncidentTimes, Label, StatusStep, Timestamp, UserId,
    ports::{StatisticsRepository, StoreError},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{entities, few_lengths, incident_list::condition_of_walk};
use crate::{
    SeaOrmStore,
    error::read_error,
    row::{CorruptRow, Reading, incident, timeline_entry},
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
                let place = Expr::tuple([Expr::col(Column::OpenedAt), Expr::col(Column::Id)]);
                times.filter(place.gt(Expr::tuple([Expr::val(opened_at), Expr::val(id.as_uuid())])))
            })
            .order_by_asc(Column::OpenedAt)
            .order_by_asc(Column::Id)
            .limit(u64::from(limit));
        let rows: Vec<TimesRow> = times.into_model().all(self.reader()).await.map_err(read_error)?;
        entities(rows)
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
        entities(rows)
    }
}

/// The part of an incident's row that the numbers are made of.
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

impl TryFrom<TimesRow> for IncidentTimes {
    type Error = CorruptRow;

    fn try_from(row: TimesRow) -> Result<Self, CorruptRow> {
        let reading = Reading("incidents");
        Ok(Self {
            id: IncidentId::new(row.id),
            status: reading.name("status", &row.status)?,
            priority: reading.name("priority", &row.priority)?,
            service: reading.optional("service", row.service, Label::parse)?,
            assigned_to: row.assigned_to.map(UserId::new),
            opened_at: row.opened_at,
            acknowledged_at: row.acknowledged_at,
            mitigated_at: row.mitigated_at,
            resolved_at: row.resolved_at,
            reopen_count: reading.count("reopen_count", row.reopen_count)?,
        })
    }
}

/// The part of a timeline's row that tells of a step.
#[derive(FromQueryResult)]
struct StepRow {
    incident_id: Uuid,
    at: DateTime<Utc>,
    from: Option<String>,
    to: Option<String>,
}

impl TryFrom<StepRow> for StatusStep {
    type Error = CorruptRow;

    fn try_from(row: StepRow) -> Result<Self, CorruptRow> {
        let reading = Reading("timeline_entries");
        let [from, to] = [row.from, row.to].map(Option::unwrap_or_default);
        Ok(Self {
            incident_id: IncidentId::new(row.incident_id),
            at: row.at,
            from: reading.name("details", &from)?,
            to: reading.name("details", &to)?,
        })
    }
}
