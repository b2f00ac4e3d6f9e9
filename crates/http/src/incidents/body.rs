//! An incident and its timeline, as the API shows them.

use std::collections::BTreeMap;

use actix_web::http::{StatusCode, header};
use chrono::{DateTime, Utc};
use incident_application::IncidentWithParts;
use incident_domain::{EntryHash, Incident, TimelineEntry, Transition};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{actor::ActorBody, answer::Answer, names, request::etag, tasks::body::TaskBody};

/// An incident.
#[derive(Serialize, ToSchema)]
#[schema(as = Incident)]
pub(crate) struct IncidentBody {
    id: Uuid,
    /// The short number by which people speak of it; good in place of the id in every path.
    #[schema(example = "INC-1042")]
    number: String,
    #[schema(example = "checkout answers 500")]
    title: String,
    description: Option<String>,
    #[schema(value_type = names::StatusName)]
    status: &'static str,
    /// What it waits for, while it is on hold.
    #[schema(value_type = Option<names::HoldReasonName>)]
    hold_reason: Option<&'static str>,
    #[schema(value_type = names::PriorityName)]
    priority: &'static str,
    #[schema(value_type = Option<names::ImpactName>)]
    impact: Option<&'static str>,
    #[schema(value_type = Option<names::UrgencyName>)]
    urgency: Option<&'static str>,
    /// What is affected.
    service: Option<String>,
    category: Option<String>,
    labels: BTreeMap<String, String>,
    /// The user who reported it; `null` when no person did.
    reported_by: Option<Uuid>,
    assigned_to: Option<Uuid>,
    /// How it ended, while it is resolved, closed or cancelled.
    resolution: Option<ResolutionBody>,
    /// The incident it repeats.
    duplicate_of: Option<Uuid>,
    /// Where it was imported from.
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
    /// The steps that the state machine offers from here.
    allowed_transitions: Vec<TransitionBody>,
    /// The last 100 entries of its timeline, with `include=logs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<EntryBody>, required = false)]
    logs: Option<Vec<EntryBody>>,
    /// Its last 100 tasks, the oldest first, with `include=tasks`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<TaskBody>, required = false)]
    tasks: Option<Vec<TaskBody>>,
}

/// How an incident was resolved or cancelled.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Resolution)]
pub(crate) struct ResolutionBody {
    #[schema(value_type = names::ResolutionCodeName)]
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

/// A step of the state machine.
#[derive(Serialize, ToSchema)]
#[schema(as = Transition)]
pub(crate) struct TransitionBody {
    /// What people call it.
    #[schema(example = "resolve")]
    name: &'static str,
    /// Where it leads.
    #[schema(value_type = names::StatusName)]
    to: &'static str,
    /// The fields that a PATCH must carry besides `status`.
    requires: Vec<RequirementBody>,
    /// The least role that may take it.
    #[schema(value_type = names::RoleName)]
    role: &'static str,
}

/// A field that a step of the state machine needs.
#[derive(Serialize, ToSchema)]
#[schema(as = Requirement)]
pub(crate) struct RequirementBody {
    #[schema(example = "resolution")]
    field: &'static str,
    /// The codes that will do; empty for free text.
    #[schema(example = json!(["fixed", "workaround"]))]
    codes: Vec<&'static str>,
}

/// A line of an incident's timeline.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineEntry)]
pub(crate) struct EntryBody {
    id: Uuid,
    incident_id: Uuid,
    /// Its place in the timeline: 1, 2, 3 … without gaps.
    sequence: u32,
    #[schema(value_type = names::EntryKindName)]
    kind: &'static str,
    actor: ActorBody,
    at: DateTime<Utc>,
    /// What was said about it.
    message: Option<String>,
    /// What exactly happened, by the kind of the entry.
    #[schema(example = json!({"from": "open", "to": "investigating"}))]
    details: BTreeMap<&'static str, String>,
    /// Seals this entry and all before it: HMAC-SHA256 in hexadecimal.
    hash: String,
}

impl IncidentBody {
    /// The incident with what was asked for besides.
    pub(crate) fn with_parts(IncidentWithParts { incident, entries, tasks }: IncidentWithParts) -> Self {
        let logs = entries.map(|entries| entries.into_iter().map(EntryBody::from).collect());
        let tasks = tasks.map(|tasks| tasks.into_iter().map(TaskBody::from).collect());
        Self { logs, tasks, ..Self::from(incident) }
    }
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
            hold_reason: incident.hold_reason.map(incident_domain::HoldReason::as_str),
            priority: incident.priority.as_str(),
            impact: incident.impact.map(incident_domain::Impact::as_str),
            urgency: incident.urgency.map(incident_domain::Urgency::as_str),
            service: incident.service.map(String::from),
            category: incident.category.map(String::from),
            labels: incident.labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
            reported_by: incident.reported_by.map(incident_domain::UserId::as_uuid),
            assigned_to: incident.assigned_to.map(incident_domain::UserId::as_uuid),
            resolution: incident.resolution.map(ResolutionBody::from),
            duplicate_of: incident.duplicate_of.map(incident_domain::IncidentId::as_uuid),
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

impl From<incident_domain::Resolution> for ResolutionBody {
    fn from(resolution: incident_domain::Resolution) -> Self {
        Self { code: resolution.code.to_string(), note: resolution.note.map(String::from) }
    }
}

impl From<incident_domain::ExternalReference> for ExternalBody {
    fn from(external: incident_domain::ExternalReference) -> Self {
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

/// An answer with one incident and its entity tag.
pub(crate) fn answer(status: StatusCode, incident: &Incident) -> Answer {
    let body = IncidentBody::from(incident.clone());
    Answer::json(status, &body).with_header(&header::ETAG, etag(incident.version).to_string())
}
