//! `incidents`

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use incident_domain::{
    Description, EntryHash, ExternalName, ExternalReference, Incident, IncidentId, IncidentNumber, IncidentRecord,
    Label, LabelKey, LabelValue, Labels, Note, Resolution, Title, UserId, Version,
};
use sea_orm::entity::prelude::*;
use serde_json::Value as Json;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "incidents")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) number: i64,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) status: String,
    pub(crate) hold_reason: Option<String>,
    pub(crate) priority: String,
    pub(crate) impact: Option<String>,
    pub(crate) urgency: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) category: Option<String>,
    /// An object of texts.
    #[sea_orm(column_type = "JsonBinary")]
    pub(crate) labels: Json,
    pub(crate) reported_by: Option<Uuid>,
    pub(crate) assigned_to: Option<Uuid>,
    pub(crate) resolution_code: Option<String>,
    pub(crate) resolution_note: Option<String>,
    pub(crate) duplicate_of: Option<Uuid>,
    pub(crate) external_source: Option<String>,
    pub(crate) external_number: Option<String>,
    pub(crate) opened_at: DateTime<Utc>,
    pub(crate) acknowledged_at: Option<DateTime<Utc>>,
    pub(crate) mitigated_at: Option<DateTime<Utc>>,
    pub(crate) resolved_at: Option<DateTime<Utc>>,
    pub(crate) closed_at: Option<DateTime<Utc>>,
    pub(crate) reopen_count: i64,
    pub(crate) reassignment_count: i64,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) version: i64,
    pub(crate) timeline_length: i64,
    pub(crate) timeline_hash: Vec<u8>,
    pub(crate) timeline_seal: Vec<u8>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Incident> for Model {
    fn from(incident: &Incident) -> Self {
        let resolution = incident.resolution.as_ref();
        let external = incident.external.as_ref();
        let labels = incident.labels.iter().map(|(key, value)| (key.to_string(), Json::String(value.to_string())));
        Self {
            id: incident.id.as_uuid(),
            number: incident.number.get().into(),
            title: incident.title.as_str().to_owned(),
            description: incident.description.as_ref().map(Description::to_string),
            status: incident.status.as_str().to_owned(),
            hold_reason: incident.hold_reason.map(|reason| reason.as_str().to_owned()),
            priority: incident.priority.as_str().to_owned(),
            impact: incident.impact.map(|impact| impact.as_str().to_owned()),
            urgency: incident.urgency.map(|urgency| urgency.as_str().to_owned()),
            service: incident.service.as_ref().map(Label::to_string),
            category: incident.category.as_ref().map(Label::to_string),
            labels: Json::Object(labels.collect()),
            reported_by: incident.reported_by.map(UserId::as_uuid),
            assigned_to: incident.assigned_to.map(UserId::as_uuid),
            resolution_code: resolution.map(|resolution| resolution.code.as_str().to_owned()),
            resolution_note: resolution.and_then(|resolution| resolution.note.as_ref()).map(Note::to_string),
            duplicate_of: incident.duplicate_of.map(IncidentId::as_uuid),
            external_source: external.map(|external| external.source.to_string()),
            external_number: external.map(|external| external.number.to_string()),
            opened_at: incident.opened_at,
            acknowledged_at: incident.acknowledged_at,
            mitigated_at: incident.mitigated_at,
            resolved_at: incident.resolved_at,
            closed_at: incident.closed_at,
            reopen_count: incident.reopen_count.into(),
            reassignment_count: incident.reassignment_count.into(),
            created_at: incident.created_at,
            updated_at: incident.updated_at,
            version: incident.version.get().into(),
            timeline_length: incident.timeline_length.into(),
            timeline_hash: incident.timeline_hash.as_bytes().to_vec(),
            timeline_seal: incident.timeline_seal.as_bytes().to_vec(),
        }
    }
}

impl TryFrom<Model> for Incident {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let reading = Reading("incidents");
        let labels = labels_of(&row.labels).and_then(|labels| Labels::parse(labels).ok());
        let resolution_code = reading.optional_name("resolution_code", row.resolution_code.as_deref())?;
        let resolution_note = reading.optional("resolution_note", row.resolution_note, Note::parse)?;
        let source = reading.optional("external_source", row.external_source, ExternalName::parse)?;
        let number = reading.optional("external_number", row.external_number, ExternalName::parse)?;
        Ok(Self::restore(IncidentRecord {
            id: IncidentId::new(row.id),
            number: IncidentNumber::new(reading.count("number", row.number)?),
            title: reading.column("title", Title::parse(row.title))?,
            description: reading.optional("description", row.description, Description::parse)?,
            status: reading.name("status", &row.status)?,
            hold_reason: reading.optional_name("hold_reason", row.hold_reason.as_deref())?,
            priority: reading.name("priority", &row.priority)?,
            impact: reading.optional_name("impact", row.impact.as_deref())?,
            urgency: reading.optional_name("urgency", row.urgency.as_deref())?,
            service: reading.optional("service", row.service, Label::parse)?,
            category: reading.optional("category", row.category, Label::parse)?,
            labels: reading.known("labels", labels)?,
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
            reopen_count: reading.count("reopen_count", row.reopen_count)?,
            reassignment_count: reading.count("reassignment_count", row.reassignment_count)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(reading.count("version", row.version)?),
            timeline_length: reading.count("timeline_length", row.timeline_length)?,
            timeline_hash: reading.column("timeline_hash", EntryHash::try_from(row.timeline_hash.as_slice()))?,
            timeline_seal: reading.column("timeline_seal", EntryHash::try_from(row.timeline_seal.as_slice()))?,
        }))
    }
}

fn labels_of(json: &Json) -> Option<BTreeMap<LabelKey, LabelValue>> {
    let label = |(key, value): (&String, &Json)| {
        Some((LabelKey::parse(key.as_str()).ok()?, LabelValue::parse(value.as_str()?).ok()?))
    };
    json.as_object()?.iter().map(label).collect()
}
