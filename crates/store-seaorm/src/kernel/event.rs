//! Events.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::kernel::{Event, EventId, EventLog, LoggedEvent, StoreError, UniqueKey};
use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};

use crate::{
    SeaOrmStore,
    error::{CorruptRow, corrupt_row, read_error},
    record::{ColumnReader, NoRelation as Relation, StoredRecord},
    table::{Batching, Constraint},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub(crate) struct Model {
    /// Assigned by the database when the event is inserted, and left out of the insert.
    #[sea_orm(primary_key)]
    position: i64,
    id: Uuid,
    kind: String,
    subject: String,
    audience: String,
    occurred_at: DateTime<Utc>,
    payload: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for Event {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[Constraint::unique("events_id", "events.id", UniqueKey::ID)];

    /// On PostgreSQL, a trigger locks the order of events from the insert to the end of the transaction.
    const BATCHING: &'static Batching = &Batching { inserts_last: true, ..Batching::DEFAULT };

    fn to_row(&self) -> Model {
        Model {
            position: 0,
            id: self.id.as_uuid(),
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            audience: self.audience.as_str().to_owned(),
            occurred_at: self.occurred_at,
            payload: self.payload.clone(),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        Ok(Self {
            id: EventId::new(row.id),
            kind: row.kind,
            subject: row.subject,
            audience: ColumnReader::of::<Entity>().name("audience", &row.audience)?,
            occurred_at: row.occurred_at,
            payload: row.payload,
        })
    }
}

#[async_trait]
impl EventLog for SeaOrmStore {
    async fn after(&self, position: u64, limit: u32) -> Result<Vec<LoggedEvent>, StoreError> {
        // No database holds a greater position.
        let Ok(position) = i64::try_from(position) else {
            return Ok(Vec::new());
        };
        let rows =
            Entity::find().filter(Column::Position.gt(position)).order_by_asc(Column::Position).limit(u64::from(limit));
        let rows = rows.all(self.reader()).await.map_err(read_error)?;
        rows.into_iter().map(|row| logged(row).map_err(corrupt_row)).collect()
    }
}

fn logged(row: Model) -> Result<LoggedEvent, CorruptRow> {
    let position = ColumnReader::of::<Entity>().number("position", row.position)?;
    Ok(LoggedEvent { position, event: Event::from_row(row)? })
}
