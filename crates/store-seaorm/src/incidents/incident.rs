//! The rows of incidents.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use incident_domain::{
    incidents::{
        EntryHash, ExternalReference, Incident, IncidentId, IncidentNumber, IncidentRecord, Labels, Resolution,
    },
    kernel::{
        Description, ExternalName, Label, LabelKey, LabelValue, Note, RecordId as _, StoreError, Title, UserId, Version,
    },
};
use sea_orm::entity::prelude::*;
use serde_json::Value as Json;

use crate::{
    SeaOrmStore,
    error::{CorruptRow, corrupt_row},
    record::{ColumnReader, NoRelation as Relation, StoredRecord},
    table::{Batching, Constraint},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incidents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    number: i64,
    title: String,
    description: Option<String>,
    status: String,
    hold_reason: Option<String>,
    priority: String,
    impact: Option<String>,
    urgency: Option<String>,
    service: Option<String>,
    category: Option<String>,
    /// An object of texts.
    #[sea_orm(column_type = "JsonBinary")]
    labels: Json,
    reported_by: Option<Uuid>,
    assigned_to: Option<Uuid>,
    resolution_code: Option<String>,
    resolution_note: Option<String>,
    duplicate_of: Option<Uuid>,
    external_source: Option<String>,
    external_number: Option<String>,
    opened_at: DateTime<Utc>,
    acknowledged_at: Option<DateTime<Utc>>,
    mitigated_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    reopen_count: i64,
    reassignment_count: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
    timeline_length: i64,
    timeline_hash: Vec<u8>,
    timeline_seal: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for Incident {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[
        Constraint::unique("incidents_number", "incidents.number", Self::NUMBER),
        Constraint::unique(
            "incidents_external",
            "incidents.external_source, incidents.external_number",
            Self::EXTERNAL_REFERENCE,
        ),
        Constraint::reference("incidents_reported_by_fkey", UserId::KIND),
        Constraint::reference("incidents_assigned_to_fkey", UserId::KIND),
        Constraint::reference("incidents_duplicate_of_fkey", IncidentId::KIND),
    ];

    const BATCHING: &'static Batching =
        &Batching { shares_guards: true, length_column: Some("timeline_length"), ..Batching::DEFAULT };

    fn to_row(&self) -> Model {
        let resolution = self.resolution.as_ref();
        let external = self.external.as_ref();
        let labels = self.labels.iter().map(|(key, value)| (key.to_string(), Json::String(value.to_string())));
        Model {
            id: self.id.as_uuid(),
            number: self.number.get().into(),
            title: self.title.as_str().to_owned(),
            description: self.description.as_ref().map(Description::to_string),
            status: self.status.as_str().to_owned(),
            hold_reason: self.hold_reason.map(|reason| reason.as_str().to_owned()),
            priority: self.priority.as_str().to_owned(),
            impact: self.impact.map(|impact| impact.as_str().to_owned()),
            urgency: self.urgency.map(|urgency| urgency.as_str().to_owned()),
            service: self.service.as_ref().map(Label::to_string),
            category: self.category.as_ref().map(Label::to_string),
            labels: Json::Object(labels.collect()),
            reported_by: self.reported_by.map(UserId::as_uuid),
            assigned_to: self.assigned_to.map(UserId::as_uuid),
            resolution_code: resolution.map(|resolution| resolution.code.as_str().to_owned()),
            resolution_note: resolution.and_then(|resolution| resolution.note.as_ref()).map(Note::to_string),
            duplicate_of: self.duplicate_of.map(IncidentId::as_uuid),
            external_source: external.map(|external| external.source.to_string()),
            external_number: external.map(|external| external.number.to_string()),
            opened_at: self.opened_at,
            acknowledged_at: self.acknowledged_at,
            mitigated_at: self.mitigated_at,
            resolved_at: self.resolved_at,
            closed_at: self.closed_at,
            reopen_count: self.reopen_count.into(),
            reassignment_count: self.reassignment_count.into(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version.get().into(),
            timeline_length: self.timeline_length.into(),
            timeline_hash: self.timeline_hash.as_bytes().to_vec(),
            timeline_seal: self.timeline_seal.as_bytes().to_vec(),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        let labels = labels_of(&row.labels).and_then(|labels| Labels::parse(labels).ok());
        let resolution_code = column.optional_name("resolution_code", row.resolution_code.as_deref())?;
        let resolution_note = column.optional("resolution_note", row.resolution_note, Note::stored)?;
        let source = column.optional("external_source", row.external_source, ExternalName::stored)?;
        let number = column.optional("external_number", row.external_number, ExternalName::stored)?;
        Ok(Self::restore(IncidentRecord {
            id: IncidentId::new(row.id),
            number: IncidentNumber::new(column.number("number", row.number)?),
            title: column.parsed("title", Title::stored(row.title))?,
            description: column.optional("description", row.description, Description::stored)?,
            status: column.name("status", &row.status)?,
            hold_reason: column.optional_name("hold_reason", row.hold_reason.as_deref())?,
            priority: column.name("priority", &row.priority)?,
            impact: column.optional_name("impact", row.impact.as_deref())?,
            urgency: column.optional_name("urgency", row.urgency.as_deref())?,
            service: column.optional("service", row.service, Label::stored)?,
            category: column.optional("category", row.category, Label::stored)?,
            labels: column.known("labels", labels)?,
            reported_by: row.reported_by.map(UserId::new),
            assigned_to: row.assigned_to.map(UserId::new),
            resolution: resolution_code.map(|code| Resolution { code, note: resolution_note }),
            duplicate_of: row.duplicate_of.map(IncidentId::new),
            external: source.zip(number).map(|(source, number)| ExternalReference { source, number }),
            opened_at: row.opened_at,
            acknowledged_at: row.acknowledged_at,
            mitigated_at: row.mitigated_at,
            resolved_at: row.resolved_at,
            closed_at: row.closed_at,
            reopen_count: column.number("reopen_count", row.reopen_count)?,
            reassignment_count: column.number("reassignment_count", row.reassignment_count)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(column.number("version", row.version)?),
            timeline_length: column.number("timeline_length", row.timeline_length)?,
            timeline_hash: column.parsed("timeline_hash", EntryHash::try_from(row.timeline_hash.as_slice()))?,
            timeline_seal: column.parsed("timeline_seal", EntryHash::try_from(row.timeline_seal.as_slice()))?,
        }))
    }

    /// Concurrent look-ups share a query.
    async fn find(store: &SeaOrmStore, id: Uuid) -> Result<Option<Self>, StoreError> {
        let row = store.incident_loaders().by_id.find::<Entity>(store.reader(), Column::Id, id).await?;
        row.map(|row| Self::from_row(row).map_err(corrupt_row)).transpose()
    }
}

fn labels_of(json: &Json) -> Option<BTreeMap<LabelKey, LabelValue>> {
    let label = |(key, value): (&String, &Json)| {
        Some((LabelKey::stored(key.as_str()).ok()?, LabelValue::stored(value.as_str()?).ok()?))
    };
    json.as_object()?.iter().map(label).collect()
}
