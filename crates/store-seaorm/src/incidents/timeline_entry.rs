//! Timelines.

use std::cell::Cell;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::{
    incidents::{EntryDetails, EntryHash, EntryId, EntryKind, IncidentId, TimelineEntry, TimelineRepository},
    kernel::{Actor, Note, RecordId as _, StoreError},
};
use sea_orm::{
    QueryOrder, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, JoinType},
};
use serde_json::Value as Json;

use super::incident;
use crate::{
    SeaOrmStore,
    error::CorruptRow,
    few_lengths::few_lengths,
    record::{ColumnReader, NoRelation as Relation, StoredRecord, records},
    table::Constraint,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "timeline_entries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    incident_id: Uuid,
    sequence: i64,
    kind: String,
    actor_kind: String,
    actor_reference: Option<String>,
    at: DateTime<Utc>,
    message: Option<String>,
    /// The flat form of the details: an object of texts.
    #[sea_orm(column_type = "JsonBinary")]
    details: Json,
    hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for TimelineEntry {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[
        Constraint::unique(
            "timeline_entries_sequence",
            "timeline_entries.incident_id, timeline_entries.sequence",
            Self::SEQUENCE,
        ),
        Constraint::reference("timeline_entries_incident_id_fkey", IncidentId::KIND),
    ];

    fn to_row(&self) -> Model {
        let fields = self.details.fields().into_iter();
        Model {
            id: self.id.as_uuid(),
            incident_id: self.incident_id.as_uuid(),
            sequence: self.sequence.into(),
            kind: self.kind().as_str().to_owned(),
            actor_kind: self.actor.kind().to_owned(),
            actor_reference: self.actor.reference(),
            at: self.at,
            message: self.message.as_ref().map(Note::to_string),
            details: Json::Object(fields.map(|(name, text)| (name.to_owned(), Json::String(text))).collect()),
            hash: self.hash.as_bytes().to_vec(),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        let kind: EntryKind = column.name("kind", &row.kind)?;
        let actor = Actor::restore(&row.actor_kind, row.actor_reference.as_deref());
        let details = details_of(kind, &row.details);
        Ok(Self {
            id: EntryId::new(row.id),
            incident_id: IncidentId::new(row.incident_id),
            sequence: column.number("sequence", row.sequence)?,
            actor: column.known("actor", actor)?,
            at: row.at,
            message: column.optional("message", row.message, Note::stored)?,
            details: column.known("details", details)?,
            hash: column.parsed("hash", EntryHash::try_from(row.hash.as_slice()))?,
        })
    }
}

#[async_trait]
impl TimelineRepository for SeaOrmStore {
    async fn entries(&self, incident: IncidentId, after: u32, limit: u32) -> Result<Vec<TimelineEntry>, StoreError> {
        // From the beginning, everything is read: an entry before the first one shows that the timeline was altered.
        let after = (after > 0).then(|| i64::from(after));
        let entries = Entity::find()
            .filter(Column::IncidentId.eq(incident.as_uuid()))
            .apply_if(after, |entries, after| entries.filter(Column::Sequence.gt(after)))
            .order_by_asc(Column::Sequence)
            .limit(u64::from(limit));
        records(entries.all(self.reader()).await)
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
        let same_incident = Expr::col(incident::Column::Id.as_column_ref()).equals(Column::IncidentId.as_column_ref());
        // Each incident holds the length of its timeline, so that its last entries are a range of the index.
        let before_the_latest = Expr::col(incident::Column::TimelineLength.as_column_ref()).sub(i64::from(limit_each));
        let mut latest = Entity::find()
            .filter(incident::Column::Id.is_in(ids))
            .filter(Expr::col(Column::Sequence.as_column_ref()).gt(before_the_latest))
            .order_by_asc(Column::IncidentId)
            .order_by_asc(Column::Sequence);
        QueryTrait::query(&mut latest).join(JoinType::InnerJoin, incident::Entity, same_incident);
        records(latest.all(self.reader()).await)
    }
}

/// Reads the details, if the column holds nothing else: a member that is not read could be removed unnoticed.
fn details_of(kind: EntryKind, json: &Json) -> Option<EntryDetails> {
    let read = Cell::new(0);
    let details = EntryDetails::restore(kind, |name| {
        let text = json.get(name)?.as_str()?;
        read.set(read.get() + 1);
        Some(text)
    })?;
    (json.as_object()?.len() == read.get()).then_some(details)
}
