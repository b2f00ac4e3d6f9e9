//! `timeline_entries`

use std::cell::Cell;

use chrono::{DateTime, Utc};
use incident_domain::{Actor, EntryDetails, EntryHash, EntryId, EntryKind, IncidentId, Note, TimelineEntry};
use sea_orm::entity::prelude::*;
use serde_json::Value as Json;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "timeline_entries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) incident_id: Uuid,
    pub(crate) sequence: i64,
    pub(crate) kind: String,
    pub(crate) actor_kind: String,
    pub(crate) actor_reference: Option<String>,
    pub(crate) at: DateTime<Utc>,
    pub(crate) message: Option<String>,
    /// The flat form of the details: an object of texts.
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) details: Json,
    pub(crate) hash: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&TimelineEntry> for Model {
    fn from(entry: &TimelineEntry) -> Self {
        let fields = entry.details.fields().into_iter();
        Self {
            id: entry.id.as_uuid(),
            incident_id: entry.incident_id.as_uuid(),
            sequence: entry.sequence.into(),
            kind: entry.kind().as_str().to_owned(),
            actor_kind: entry.actor.kind().to_owned(),
            actor_reference: entry.actor.reference(),
            at: entry.at,
            message: entry.message.as_ref().map(Note::to_string),
            details: Json::Object(fields.map(|(name, text)| (name.to_owned(), Json::String(text))).collect()),
            hash: entry.hash.as_bytes().to_vec(),
        }
    }
}

impl TryFrom<Model> for TimelineEntry {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let reading = Reading("timeline_entries");
        let kind: EntryKind = reading.name("kind", &row.kind)?;
        let actor = Actor::restore(&row.actor_kind, row.actor_reference.as_deref());
        let details = details_of(kind, &row.details);
        Ok(Self {
            id: EntryId::new(row.id),
            incident_id: IncidentId::new(row.incident_id),
            sequence: reading.count("sequence", row.sequence)?,
            actor: reading.known("actor", actor)?,
            at: row.at,
            message: reading.optional("message", row.message, Note::parse)?,
            details: reading.known("details", details)?,
            hash: reading.column("hash", EntryHash::try_from(row.hash.as_slice()))?,
        })
    }
}

/// The details, if they are all that the column holds: what is not read would not be missed either.
fn details_of(kind: EntryKind, json: &Json) -> Option<EntryDetails> {
    let read = Cell::new(0);
    let details = EntryDetails::restore(kind, |name| {
        let text = json.get(name)?.as_str()?;
        read.set(read.get() + 1);
        Some(text)
    })?;
    (json.as_object()?.len() == read.get()).then_some(details)
}
