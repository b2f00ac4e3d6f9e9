//! An incident and its timeline, as the API shows them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use incident_domain::{
    incidents::{
        EntryHash, ExternalReference, HoldReason, Impact, Incident, IncidentId, Resolution, TimelineEntry, Transition,
        Urgency,
    },
    kernel::UserId,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{
    ToSchema,
    openapi::{
        Ref,
        schema::{Array, ArrayBuilder},
    },
};
use uuid::Uuid;

use super::{
    EntryKindName, HoldReasonName, ImpactName, PriorityName, ResolutionCodeName, StatusName, UrgencyName,
    labels::labels_schema,
};
use crate::{identity::RoleName, kernel::ActorBody};

/// An incident.
#[derive(Serialize, ToSchema)]
#[schema(as = Incident)]
pub(crate) struct IncidentBody {
    id: Uuid,
    /// The short number for people; every path takes it in place of the id.
    #[schema(example = "INC-1042")]
    number: String,
    #[schema(example = "checkout answers 500")]
    title: String,
    description: Option<String>,
    #[schema(value_type = StatusName)]
    status: &'static str,
    /// What it waits for while it is on hold.
    #[schema(value_type = Option<HoldReasonName>)]
    hold_reason: Option<&'static str>,
    #[schema(value_type = PriorityName)]
    priority: &'static str,
    #[schema(value_type = Option<ImpactName>)]
    impact: Option<&'static str>,
    #[schema(value_type = Option<UrgencyName>)]
    urgency: Option<&'static str>,
    /// The affected service.
    service: Option<String>,
    category: Option<String>,
    #[schema(schema_with = labels_schema)]
    labels: BTreeMap<String, String>,
    /// The user who reported it; `null` if no user did.
    reported_by: Option<Uuid>,
    assigned_to: Option<Uuid>,
    /// How it ended, if it is resolved, closed or cancelled.
    resolution: Option<ResolutionBody>,
    /// The incident it repeats.
    duplicate_of: Option<Uuid>,
    /// The system it was imported from.
    external: Option<ExternalBody>,
    opened_at: DateTime<Utc>,
    acknowledged_at: Option<DateTime<Utc>>,
    mitigated_at: Option<DateTime<Utc>>,
    resolved_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    reopen_count: u32,
    reassignment_count: u32,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Counts its changes; comments do not count.
    version: u32,
    /// The transitions that the state machine allows now.
    allowed_transitions: Vec<TransitionBody>,
    /// The last 100 entries of its timeline, with `include=logs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<EntryBody>, required = false)]
    pub(crate) logs: Option<Vec<EntryBody>>,
    /// Its last 100 tasks, the oldest first, with `include=tasks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = tasks_schema, required = false)]
    pub(crate) tasks: Option<Box<RawValue>>,
}

/// The tasks are JSON already: a later context shows them, which this one does not know.
fn tasks_schema() -> Array {
    ArrayBuilder::new().items(Ref::from_schema_name("Task")).build()
}

/// How an incident was resolved or cancelled.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Resolution)]
pub(crate) struct ResolutionBody {
    #[schema(value_type = ResolutionCodeName)]
    pub(crate) code: String,
    /// What was found or done.
    #[schema(max_length = 10_000)]
    pub(crate) note: Option<String>,
}

/// The incident's number in the system it was imported from.
#[derive(Serialize, ToSchema)]
#[schema(as = ExternalReference)]
pub(crate) struct ExternalBody {
    #[schema(example = "servicenow")]
    source: String,
    #[schema(example = "INC0000045")]
    number: String,
}

/// A transition of the state machine.
#[derive(Serialize, ToSchema)]
#[schema(as = Transition)]
pub(crate) struct TransitionBody {
    /// The name of the transition.
    #[schema(example = "resolve")]
    name: &'static str,
    /// The status after it.
    #[schema(value_type = StatusName)]
    to: &'static str,
    /// The fields that a PATCH must have besides `status`.
    requires: Vec<RequirementBody>,
    /// The lowest role that may make it.
    #[schema(value_type = RoleName)]
    role: &'static str,
}

/// A field that a transition requires.
#[derive(Serialize, ToSchema)]
#[schema(as = Requirement)]
pub(crate) struct RequirementBody {
    #[schema(example = "resolution")]
    field: &'static str,
    /// The accepted codes; empty for free text.
    #[schema(example = json!(["fixed", "workaround"]))]
    codes: Vec<&'static str>,
}

/// An entry of an incident's timeline.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub(crate) struct EntryBody {
    id: Uuid,
    incident_id: Uuid,
    /// Its position in the timeline: 1, 2, 3 … without gaps.
    sequence: u32,
    #[schema(value_type = EntryKindName)]
    kind: &'static str,
    actor: ActorBody,
    at: DateTime<Utc>,
    /// The comment or reason.
    message: Option<String>,
    /// The details, which depend on the kind of the entry.
    #[schema(example = json!({"from": "open", "to": "investigating"}))]
    details: BTreeMap<&'static str, String>,
    /// The HMAC-SHA256 of this entry and all before it, in hexadecimal.
    hash: String,
}

impl From<Incident> for IncidentBody {
    fn from(incident: Incident) -> Self {
        let allowed_transitions = incident.allowed_transitions().map(TransitionBody::from).collect();
        let incident = incident.into_record();
        Self {
            id: incident.id.as_uuid(),
            number: incident.number.to_string(),
            title: incident.title.into(),
            description: incident.description.map(String::from),
            status: incident.status.as_str(),
            hold_reason: incident.hold_reason.map(HoldReason::as_str),
            priority: incident.priority.as_str(),
            impact: incident.impact.map(Impact::as_str),
            urgency: incident.urgency.map(Urgency::as_str),
            service: incident.service.map(String::from),
            category: incident.category.map(String::from),
            labels: incident.labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
            reported_by: incident.reported_by.map(UserId::as_uuid),
            assigned_to: incident.assigned_to.map(UserId::as_uuid),
            resolution: incident.resolution.map(ResolutionBody::from),
            duplicate_of: incident.duplicate_of.map(IncidentId::as_uuid),
            external: incident.external.map(ExternalBody::from),
            opened_at: incident.opened_at,
            acknowledged_at: incident.acknowledged_at,
            mitigated_at: incident.mitigated_at,
            resolved_at: incident.resolved_at,
            closed_at: incident.closed_at,
            reopen_count: incident.reopen_count,
            reassignment_count: incident.reassignment_count,
            created_at: incident.created_at,
            updated_at: incident.updated_at,
            version: incident.version.get(),
            allowed_transitions,
            logs: None,
            tasks: None,
        }
    }
}

impl From<Resolution> for ResolutionBody {
    fn from(resolution: Resolution) -> Self {
        Self { code: resolution.code.to_string(), note: resolution.note.map(String::from) }
    }
}

impl From<ExternalReference> for ExternalBody {
    fn from(external: ExternalReference) -> Self {
        Self { source: external.source.into(), number: external.number.into() }
    }
}

impl From<&'static Transition> for TransitionBody {
    fn from(transition: &'static Transition) -> Self {
        let requires = transition.requires.iter();
        let requires = requires
            .map(|requirement| RequirementBody { field: requirement.field(), codes: requirement.codes() })
            .collect();
        Self { name: transition.name, to: transition.to.as_str(), requires, role: transition.role.as_str() }
    }
}

impl From<TimelineEntry> for EntryBody {
    fn from(entry: TimelineEntry) -> Self {
        Self {
            id: entry.id.as_uuid(),
            incident_id: entry.incident_id.as_uuid(),
            sequence: entry.sequence,
            kind: entry.kind().as_str(),
            actor: ActorBody::from(&entry.actor),
            at: entry.at,
            details: entry.details.fields().into_iter().collect(),
            hash: EntryHash::to_string(&entry.hash),
            message: entry.message.map(String::from),
        }
    }
}
