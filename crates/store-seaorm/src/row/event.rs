//! `events`

use chrono::{DateTime, Utc};
use incident_domain::{Event, EventId, LoggedEvent};
use sea_orm::entity::prelude::*;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub(crate) struct Model {
    /// Given by the database when the event is appended.
    #[sea_orm(primary_key)]
    pub(crate) position: i64,
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) occurred_at: DateTime<Utc>,
    pub(crate) payload: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// An event that has no position yet; the column is left out of what is written.
    pub(crate) fn unpositioned(event: &Event) -> Self {
        Self {
            position: 0,
            id: event.id.as_uuid(),
            kind: event.kind.clone(),
            subject: event.subject.clone(),
            occurred_at: event.occurred_at,
            payload: event.payload.clone(),
        }
    }
}

impl TryFrom<Model> for LoggedEvent {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let position = Reading("events").column("position", u64::try_from(row.position))?;
        let event = Event {
            id: EventId::new(row.id),
            kind: row.kind,
            subject: row.subject,
            occurred_at: row.occurred_at,
            payload: row.payload,
        };
        Ok(Self { position, event })
    }
}
